// SPDX-License-Identifier: BSL-1.0
#include "history/recorder.hpp"

#include <admit/async.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "history/requests.hpp"
#include "support/stress.hpp"
#include "support/threads.hpp"

namespace history {

namespace {

using support::rng;

/// Ids of active conversations, which every thread may end.
class shared_ids {
public:
    void publish(std::uint8_t conversation, const admit::conversation_id& id) {
        ids_[conversation] = id;
        published_[conversation] = true;
    }
    /// Finds the first conversation from `start` on; false if none is published.
    bool find(std::uint8_t start, std::uint8_t& conversation) const {
        for (unsigned i = 0; i < max_conversations; ++i) {
            conversation = static_cast<std::uint8_t>((start + i) % max_conversations);
            if (published_[conversation]) return true;
        }
        return false;
    }
    const admit::conversation_id& id(std::uint8_t conversation) const { return ids_[conversation]; }
    void clear() {
        for (auto& each : published_) each = false;
    }

private:
    std::array<admit::conversation_id, max_conversations> ids_;
    std::array<std::atomic<bool>, max_conversations> published_{};
};

class session {
public:
    session(const plan& plan, int count, std::uint64_t seed, const make_subject& make,
            const judge& check)
        : plan_{plan},
          count_{count},
          random_{seed},
          make_{make},
          judge_{check},
          scripts_(plan.threads) {}

    void run() {
        std::barrier start{plan_.threads, [this]() noexcept { start_next_history(); }};
        support::run_together(plan_.threads, [&](unsigned thread) {
            for (int i = 0; i < count_; ++i) {
                start.arrive_and_wait();
                wait_for_all_threads();
                for (operation& each : scripts_[thread]) run_call(each);
            }
            start.arrive_and_wait();
        });
    }

private:
    /// Runs between two histories, on one thread, while the others wait at the barrier.
    void start_next_history() {
        if (subject_) hand_over();
        subject_.reset();  // before the context of its requests
        requests_.reset();
        history_.first = random_limits();
        subject_ = make_(history_.first, plan_.kept);
        shared_ids_.clear();
        waiters_ = 0;
        if (plan_.waits > 0)
            requests_.emplace(*subject_, clock_,
                              [this](std::uint8_t conversation, const admit::conversation_id& id) {
                                  shared_ids_.publish(conversation, id);
                              });
        for (unsigned thread = 0; thread < plan_.threads; ++thread) write_script(thread);
        arrived_ = 0;
    }

    void hand_over() {
        history_.operations.clear();
        for (const auto& script : scripts_)
            for (const operation& each : script)
                if (each.returned != 0) history_.operations.push_back(each);
        if (requests_) {
            requests_->run_to_rest();
            requests_->collect(history_.operations, subject_->active(), subject_->waiting());
        }
        judge_(history_);
    }

    limits random_limits() {
        const std::size_t all = plan_.min_concurrent + random_.below(plan_.max_limits.concurrent +
                                                                     1U - plan_.min_concurrent);
        const std::size_t per_user =
            1 + random_.below(std::min<std::size_t>(all, plan_.max_limits.per_user));
        limits random{.concurrent = static_cast<std::uint8_t>(all),
                      .per_user = static_cast<std::uint8_t>(per_user)};
        if (plan_.waits == 0) return random;
        random.waiting = static_cast<std::uint8_t>(1 + random_.below(max_waiters));
        random.waiting_per_user = static_cast<std::uint8_t>(1 + random_.below(random.waiting));
        return random;
    }

    void write_script(unsigned thread) {
        scripts_[thread].clear();
        for (unsigned i = 0; i < plan_.calls; ++i) {
            operation next;
            next.kind = random_action();
            next.thread = static_cast<std::uint8_t>(thread);
            next.user = random_.below(40) == 0
                            ? no_user
                            : static_cast<std::uint8_t>(random_.below(plan_.users));
            next.conversation = static_cast<std::uint8_t>(next.begins_conversation()
                                                              ? thread * plan_.calls + i
                                                              : random_.below(max_conversations));
            next.new_limits = random_limits();
            next.waiter = static_cast<std::uint8_t>(random_.below(max_waiters));
            if (next.kind == action::wait) {
                next.waiter = static_cast<std::uint8_t>(waiters_++);
                next.times_out = random_.below(3) == 0;
            }
            scripts_[thread].push_back(next);
        }
    }

    action random_action() {
        const std::size_t percent = random_.below(100);
        if (percent < plan_.closings) return action::close;
        if (percent < plan_.closings + plan_.changes) return action::set_limits;
        const std::size_t others = plan_.closings + plan_.changes;
        if (percent < others + plan_.waits && waiters_ < max_waiters) return action::wait;
        if (percent >= 100 - plan_.cancels) return action::withdraw;
        return percent % 2 == 0 ? action::admit : action::end;
    }

    /// Returns when all threads are running, so that their calls overlap.
    void wait_for_all_threads() {
        ++arrived_;
        while (arrived_ < plan_.threads) std::this_thread::yield();
    }

    void run_call(operation& op) {
        if (requests_) requests_->poll(op.thread);
        // Long ids make hashing slow, which widens the window between reading the gate and
        // counting.
        const std::string user = op.user == no_user ? "" : std::string(1 + op.user * 120U, 'u');
        if (op.kind == action::end && !shared_ids_.find(op.conversation, op.conversation)) return;
        if (op.kind == action::withdraw) return requests_->cancel(op.waiter);
        answer result;
        op.invoked = ++clock_;
        switch (op.kind) {
            case action::admit: result = subject_->admit(user); break;
            case action::end: op.ended = subject_->end(shared_ids_.id(op.conversation)); break;
            case action::set_limits: subject_->set_limits(op.new_limits); break;
            case action::close: subject_->close(); break;
            case action::wait: requests_->wait(op, user, wait_at_most(op)); break;
            default: break;
        }
        op.returned = ++clock_;
        op.reason = result.reason;
        if (op.admitted()) shared_ids_.publish(op.conversation, result.id);
    }

    /// Up to 90 us for a request that times out.
    static admit::duration wait_at_most(const operation& op) {
        return op.times_out ? std::chrono::microseconds{30 * (op.waiter % 4)} : admit::forever;
    }

    const plan& plan_;
    const int count_;
    rng random_;
    const make_subject& make_;
    const judge& judge_;
    recording history_;
    std::unique_ptr<subject> subject_;
    shared_ids shared_ids_;
    std::vector<std::vector<operation>> scripts_;
    std::atomic<unsigned> arrived_{0};
    std::atomic<std::uint32_t> clock_{0};  // orders all events
    std::optional<requests> requests_;     // goes before the subject
    unsigned waiters_ = 0;                 // that the scripts have
};

}  // namespace

void record(const plan& plan, int count, std::uint64_t seed, const make_subject& make,
            const judge& check) {
    session{plan, count, seed, make, check}.run();
}

}  // namespace history
