// SPDX-License-Identifier: BSL-1.0
// Fuzzes sequences of calls of an engine, under a clock that only the sequence advances. Each call
// has to give the answer of the plain model (engine_model.hpp).
#include <admit/engine.hpp>
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/engine_model.hpp"
#include "fuzz/input.hpp"
#include "support/virtual_clock.hpp"

namespace {

using admit::errc;
using fuzz::require;
using support::virtual_clock;

admit::limits pick_limits(fuzz::input& in) {
    static constexpr std::size_t sizes[] = {1, 2, 3, 4, 7, 20, 300, 2600};
    static constexpr admit::duration::rep times[] = {1, 5, 50, 1'000'000'000, 1L << 50, 0};
    const auto time = [&] {
        const admit::duration::rep length = times[in.below(6)];
        return length == 0 ? admit::never : admit::duration{length};
    };
    admit::limits made;
    made.max_concurrent = sizes[in.below(8)];
    made.max_per_user = 1 + in.below(4) * (made.max_concurrent - 1) / 3;
    made.idle_timeout = time();
    made.max_duration = time();
    return made;
}

std::string pick_user(fuzz::input& in) {
    const unsigned choice = in.below(16);
    if (choice == 0) return std::string(in.below(2) * 256U, 'x');  // length 0, or one byte too long
    if (choice == 1) return std::string(255, '\xff');
    return std::string(1, static_cast<char>(choice));
}

class comparison {
public:
    explicit comparison(fuzz::input in)
        : in_{in},
          first_{pick_limits(in_)},
          engine_{first_, virtual_clock::source()},
          model_{first_} {}

    void run() {
        while (!in_.empty()) {
            step();
            compare();
        }
        compare_lists();
        compare_totals();
    }

private:
    void step() {
        switch (in_.below(12)) {
            case 0: return change_limits();
            case 1: return expire();
            case 2: virtual_clock::advance(admit::duration{1L << in_.below(40)}); return;
            case 3: return touch();
            case 4: return end_by_id();
            case 5: return end_by_permit();
            case 6: return admit_many();
            case 7: return detach();
            case 8: return close_rarely();
            default: return admit(pick_user(in_));
        }
    }

    void admit(const std::string& user) {
        const errc expected = model_.admit(next_, user, virtual_clock::now());
        auto answer =
            in_.below(2) == 0 ? engine_.try_admit(user) : engine_.try_admit(engine_.key(user));
        require(answer.has_value() == (expected == errc{}),
                "a conversation is admitted exactly when the model admits it");
        if (answer) {
            ids_.push_back(answer->id());
            permits_[next_++] = std::move(*answer);
        } else {
            require(answer.error() == expected, "the rejection has the reason of the model");
            ++rejected_;
        }
    }
    void admit_many() {
        for (unsigned n = in_.byte(); n > 0; --n) admit(std::string(2, static_cast<char>(1 + n)));
    }
    void detach() {
        const auto found = permits_.find(pick_number());
        if (found == permits_.end()) return;
        require(found->second.detach() == ids_[found->first],
                "detach returns the id of the admission");
        require(!found->second, "a detached permit is empty");
        permits_.erase(found);
    }
    void end_by_id() {
        if (next_ == 0) return;
        const unsigned number = pick_number();
        require(engine_.end(ids_[number]) == model_.end(number), "end succeeds exactly once");
    }
    void end_by_permit() {
        const unsigned number = pick_number();
        const auto found = permits_.find(number);
        if (found == permits_.end()) return;
        if (in_.below(2) == 0)
            require(found->second.end(admit::status::error) == model_.end(number),
                    "end succeeds exactly once");
        else
            model_.end(number);
        permits_.erase(found);
    }
    void touch() {
        if (next_ == 0) return;
        const unsigned number = pick_number();
        const bool expected = model_.touch(number, virtual_clock::now());
        const auto found = permits_.find(number);
        require((found == permits_.end() ? engine_.touch(ids_[number]) : found->second.touch()) ==
                    expected,
                "touch succeeds while the conversation is active");
    }
    void expire() {
        const admit::expired expected = model_.expire(virtual_clock::now());
        const admit::expired ended = engine_.expire(virtual_clock::now());
        require(ended.idle == expected.idle, "idle conversations expire");
        require(ended.timed_out == expected.timed_out, "conversations expire after max_duration");
    }
    void change_limits() {
        const admit::limits next = pick_limits(in_);
        engine_.set_limits(next);
        model_.limits = next;
        require(engine_.limits() == next, "limits() returns the limits that were set");
    }
    void close_rarely() {
        if (in_.below(8) != 0) return;
        engine_.close();
        model_.closed = true;
    }

    void compare() {
        const std::string user = pick_user(in_);
        require(engine_.active_count() == model_.active.size(), "active_count");
        require(engine_.active_count(user) == model_.count(user), "active_count of a user");
        require(engine_.retry_after(user) == model_.retry_after(user, virtual_clock::now()),
                "retry_after");
    }
    void compare_lists() const {
        const auto listing = engine_.conversations();
        require(listing.size() == model_.active.size(), "every active conversation is listed");
        for (const admit::conversation& listed : listing) {
            const auto number = static_cast<unsigned>(
                std::find(ids_.begin(), ids_.end(), listed.id) - ids_.begin());
            const auto found = model_.active.find(number);
            require(found != model_.active.end(), "no other conversation is listed");
            require(listed.user == found->second.user, "the listing names the user");
            require(listed.started == found->second.started, "the listing has the start");
            require(listed.last_activity == found->second.last_activity,
                    "the listing has the last activity");
        }
    }
    void compare_totals() const {
        const admit::stats stats = engine_.stats();
        require(stats.admitted == next_, "admitted");
        require(stats.active == model_.active.size(), "active");
        require(stats.ended.total() == next_ - model_.active.size(), "ended");
        require(stats.rejected.total() == rejected_, "rejected");
    }

    unsigned pick_number() { return next_ == 0 ? 0 : (in_.byte() * 256U + in_.byte()) % next_; }

    fuzz::input in_;
    admit::limits first_;
    admit::engine engine_;
    fuzz::engine_model model_;
    std::vector<admit::conversation_id> ids_;    // by number
    std::map<unsigned, admit::permit> permits_;  // permits that are not detached
    unsigned next_ = 0;
    std::size_t rejected_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    virtual_clock::set(admit::duration{1'000'000});
    comparison{fuzz::input{data, size}}.run();
    return 0;
}
