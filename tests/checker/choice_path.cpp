// SPDX-License-Identifier: BSL-1.0
#include "checker/choice_path.hpp"

#include <cassert>
#include <charconv>
#include <stdexcept>

namespace admit::model {

namespace {

constexpr std::size_t shortest_run = 4;
constexpr std::size_t longest_run = 1'000'000;

}  // namespace

unsigned choice_path::follow(unsigned arity) {
    assert(arity >= 2 && arity <= digits.size());
    assert(position_ <= choices_.size());
    if (position_ == choices_.size()) {
        choices_.push_back({0, arity});
    }
    choice& next = choices_[position_++];
    if (next.arity == 0) {
        next.arity = arity;
    }
    if (next.arity != arity || next.index >= arity) {
        diverged_ = true;
        return 0;
    }
    return next.index;
}

void choice_path::record(unsigned index, unsigned arity) {
    assert(index < arity && arity <= digits.size());
    choices_.push_back({index, arity});
}

void choice_path::rewind() {
    position_ = 0;
    prescribed_ = choices_.size();
}

void choice_path::clear() {
    choices_.clear();
    position_ = 0;
    prescribed_ = 0;
    diverged_ = false;
}

bool choice_path::advance() {
    assert(position_ == choices_.size() && !diverged_);  // the execution followed the whole path
    position_ = 0;
    while (!choices_.empty() && choices_.back().index + 1 >= choices_.back().arity) {
        choices_.pop_back();
    }
    if (choices_.empty()) {
        return false;
    }
    ++choices_.back().index;
    return true;
}

std::string choice_path::encode() const {
    std::string text;
    std::size_t zeros = 0;
    for (const choice& each : choices_) {
        if (each.index == 0) {
            ++zeros;
            continue;
        }
        if (zeros >= shortest_run) {
            text += 'Z' + std::to_string(zeros) + '.';
        } else {
            text.append(zeros, '0');
        }
        zeros = 0;
        assert(each.index < digits.size());
        text += digits[each.index];
    }
    return text;
}

choice_path choice_path::decode(std::string_view text) {
    choice_path path;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end; ++at) {
        if (*at == 'Z') {
            std::size_t zeros = 0;
            at = std::from_chars(at + 1, end, zeros).ptr;
            if (at == end || *at != '.' || zeros > longest_run) {
                throw std::invalid_argument{"not a seed: bad run of zeros"};
            }
            path.choices_.insert(path.choices_.end(), zeros, {0, 0});
            continue;
        }
        const std::size_t index = digits.find(*at);
        if (index == std::string_view::npos) {
            throw std::invalid_argument{"not a seed: bad choice"};
        }
        path.choices_.push_back({static_cast<unsigned>(index), 0});
    }
    return path;
}

}  // namespace admit::model
