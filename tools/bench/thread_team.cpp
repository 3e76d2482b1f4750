// SPDX-License-Identifier: BSL-1.0
#include "bench/thread_team.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

#include "bench/rows/steps.hpp"

namespace admit::bench {
namespace {

constexpr std::uint64_t transfer_cycles = 5'000;
constexpr std::uint64_t untimed = 16;  // operations between two checks whether all have finished

/// Binds the calling thread to one of the cores that the process may use. Two threads in turns on
/// one core would seem not to disturb each other.
void bind_to_core(unsigned number) {
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    unsigned skip = number % static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
    for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
        if (!CPU_ISSET(core, &allowed) || skip-- != 0) continue;
        cpu_set_t single;
        CPU_ZERO(&single);
        CPU_SET(core, &single);
        ::sched_setaffinity(0, sizeof single, &single);
        return;
    }
}

/// How often the system has preempted the calling thread. A wait for a mutex does not count.
long interruptions() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    return used.ru_nivcsw;
}

}  // namespace

thread_team::thread_team(unsigned threads)
    : results_(std::max(2U, threads)), shared_lines_(steps_on_shared_lines(2, 2)) {
    for (unsigned number = 0; number < results_.size(); ++number) {
        threads_.emplace_back([this, number] { run_passes(number); });
    }
}

thread_team::~thread_team() {
    stopping_ = true;
    round_.fetch_add(1);
    round_.notify_all();
}

thread_team::pass thread_team::run(workload& work, unsigned threads, std::uint64_t each) {
    work_ = &work;
    wanted_ = threads;
    each_ = each;
    arrived_ = 0;
    finished_ = 0;
    busy_ = size();
    round_.fetch_add(1);
    round_.notify_all();
    for (unsigned left = busy_; left != 0; left = busy_) busy_.wait(left);
    pass total;
    for (unsigned number = 0; number < threads; ++number) {
        total.took += results_[number].took / threads;
        total.disturbed |= results_[number].disturbed;
    }
    return total;
}

double thread_team::line_transfer_ns() {
    const auto took = run(*shared_lines_, 2, transfer_cycles).took;
    return static_cast<double>(took.count()) / static_cast<double>(transfer_cycles);
}

void thread_team::run_passes(unsigned number) {
    bind_to_core(number);
    for (unsigned seen = 0;;) {
        round_.wait(seen);
        seen = round_;
        if (stopping_) return;
        if (number < wanted_) take_part(number);
        if (busy_.fetch_sub(1) == 1) busy_.notify_all();
    }
}

void thread_team::take_part(unsigned number) {
    arrived_.fetch_add(1);
    while (arrived_ != wanted_) std::this_thread::yield();
    const long before = interruptions();
    results_[number].took = work_->run(number, each_);
    results_[number].disturbed = interruptions() != before;
    finished_.fetch_add(1);
    while (finished_ != wanted_) work_->run(number, untimed);
}

}  // namespace admit::bench
