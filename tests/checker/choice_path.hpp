#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace admit::model {

/// The choices of one execution in the order they were made; only real ones, with two or more
/// alternatives. It is the position of the depth-first search and the body of a seed.
class choice_path {
public:
    /// Next choice among `arity` alternatives: the one the path prescribes, else the first.
    unsigned follow(unsigned arity);
    /// Appends a choice that somebody else made.
    void record(unsigned index, unsigned arity);
    /// The same path again from its beginning.
    void rewind() {
        position_ = 0;
        prescribed_ = choices_.size();
    }
    /// Drops all choices.
    void clear();
    /// Moves to the next path in depth-first order; false when there is none.
    bool advance();
    /// The test made other choices than when this path was recorded.
    [[nodiscard]] bool diverged() const { return diverged_ || position_ < prescribed_; }

    /// One character a choice, `Z<n>.` for a run of n zeros; zeros at the end are left out.
    [[nodiscard]] std::string encode() const;
    static choice_path decode(std::string_view text);

private:
    struct choice {
        unsigned index;
        unsigned arity;  // 0: not known yet, from a seed
    };

    std::vector<choice> choices_;
    std::size_t position_ = 0;
    std::size_t prescribed_ = 0;  // as many choices must be made
    bool diverged_ = false;
};

}  // namespace admit::model
