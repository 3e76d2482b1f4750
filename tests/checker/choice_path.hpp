// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checker/options.hpp"

namespace admit::model {

/// The choices of one execution in their order; a choice has two or more alternatives.
/// The path is the position of the depth-first search and the body of a seed.
class choice_path {
public:
    /// A digit of a seed stands for a choice or a limit.
    static constexpr std::string_view digits =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY";
    static_assert(digits.size() == unlimited);

    /// The next choice among `arity` alternatives: the prescribed choice, or else the first.
    unsigned follow(unsigned arity);
    /// Appends a choice that a random strategy made.
    void record(unsigned index, unsigned arity);
    /// Prescribes the whole path for the next execution.
    void rewind();
    /// Removes all choices.
    void clear();
    /// Moves to the next path in depth-first order; false if this was the last path.
    bool advance();
    /// The execution made other choices than the execution from which this path comes.
    [[nodiscard]] bool diverged() const { return diverged_ || position_ < prescribed_; }

    /// One character a choice, `Z<n>.` for a run of n zeros; trailing zeros are left out.
    [[nodiscard]] std::string encode() const;
    /// Throws std::invalid_argument if `encode` makes no such text.
    static choice_path decode(std::string_view text);

private:
    struct choice {
        unsigned index;
        unsigned arity;  // 0: not known yet, as the choice comes from a seed
    };

    std::vector<choice> choices_;
    std::size_t position_ = 0;
    std::size_t prescribed_ = 0;  // the execution has to make at least so many choices
    bool diverged_ = false;
};

}  // namespace admit::model
