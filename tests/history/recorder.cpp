#include "history/recorder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "support/stress.hpp"
#include "support/threads.hpp"

namespace history {

namespace {

using support::dice;

/// Ids of conversations, for every thread to end.
class board {
public:
    void publish(std::uint8_t conversation, const admit::conversation_id& id) {
        ids_[conversation] = id;
        there_[conversation] = true;
    }
    /// The first one from `start` on; false if there is none.
    bool find(std::uint8_t start, std::uint8_t& conversation) const {
        for (unsigned i = 0; i < most_conversations; ++i) {
            conversation = static_cast<std::uint8_t>((start + i) % most_conversations);
            if (there_[conversation]) return true;
        }
        return false;
    }
    const admit::conversation_id& id(std::uint8_t conversation) const { return ids_[conversation]; }
    void clear() {
        for (auto& each : there_) each = false;
    }

private:
    std::array<admit::conversation_id, most_conversations> ids_;
    std::array<std::atomic<bool>, most_conversations> there_{};
};

class session {
public:
    session(const plan& plan, int count, std::uint64_t seed, const make_subject& make,
            const judge& see)
        : plan_{plan},
          count_{count},
          random_{seed},
          make_{make},
          see_{see},
          scripts_(plan.threads) {}

    void run() {
        std::barrier together{plan_.threads, [this]() noexcept { turn(); }};
        support::run_together(plan_.threads, [&](unsigned thread) {
            for (int i = 0; i < count_; ++i) {
                together.arrive_and_wait();
                wait_for_all();
                for (operation& each : scripts_[thread]) carry_out(each);
            }
            together.arrive_and_wait();
        });
    }

private:
    /// Between two histories; only one thread is here.
    void turn() {
        if (subject_) conclude();
        history_.first = some_limits();
        subject_ = make_(history_.first, plan_.kept);
        board_.clear();
        for (unsigned thread = 0; thread < plan_.threads; ++thread) write_script(thread);
        here_ = 0;
    }

    void conclude() {
        history_.operations.clear();
        for (const auto& script : scripts_)
            for (const operation& each : script)
                if (each.returned != 0) history_.operations.push_back(each);
        see_(history_);
    }

    limits some_limits() {
        const std::size_t all =
            plan_.least + random_.below(plan_.most.concurrent + 1U - plan_.least);
        const std::size_t per_user =
            1 + random_.below(std::min<std::size_t>(all, plan_.most.per_user));
        return {.concurrent = static_cast<std::uint8_t>(all),
                .per_user = static_cast<std::uint8_t>(per_user)};
    }

    void write_script(unsigned thread) {
        scripts_[thread].clear();
        for (unsigned i = 0; i < plan_.calls; ++i) {
            operation next;
            next.what = some_action();
            next.thread = static_cast<std::uint8_t>(thread);
            next.user = random_.below(40) == 0
                            ? no_user
                            : static_cast<std::uint8_t>(random_.below(plan_.users));
            next.conversation = static_cast<std::uint8_t>(next.what == action::admit
                                                              ? thread * plan_.calls + i
                                                              : random_.below(most_conversations));
            next.wanted = some_limits();
            scripts_[thread].push_back(next);
        }
    }

    action some_action() {
        const std::size_t thrown = random_.below(100);
        if (thrown < plan_.closings) return action::close;
        if (thrown < plan_.closings + plan_.changes) return action::set_limits;
        return thrown % 2 == 0 ? action::admit : action::end;
    }

    /// All at the same time, as far as there are processors.
    void wait_for_all() {
        ++here_;
        while (here_ < plan_.threads) std::this_thread::yield();
    }

    void carry_out(operation& of) {
        // Ids of every length: hashing takes its time between looking at the gate and counting.
        const std::string user = of.user == no_user ? "" : std::string(1 + of.user * 120U, 'u');
        if (of.what == action::end && !board_.find(of.conversation, of.conversation)) return;
        answer got;
        of.invoked = ++clock_;
        switch (of.what) {
            case action::admit: got = subject_->admit(user); break;
            case action::end: of.ended = subject_->end(board_.id(of.conversation)); break;
            case action::set_limits: subject_->set_limits(of.wanted); break;
            case action::close: subject_->close(); break;
        }
        of.returned = ++clock_;
        of.reason = got.reason;
        if (of.admitted()) board_.publish(of.conversation, got.id);
    }

    const plan& plan_;
    const int count_;
    dice random_;
    const make_subject& make_;
    const judge& see_;
    recording history_;
    std::unique_ptr<subject> subject_;
    board board_;
    std::vector<std::vector<operation>> scripts_;
    std::atomic<unsigned> here_{0};
    std::atomic<std::uint32_t> clock_{0};  // its values are the order of all events
};

}  // namespace

void record(const plan& plan, int count, std::uint64_t seed, const make_subject& make,
            const judge& see) {
    session{plan, count, seed, make, see}.run();
}

}  // namespace history
