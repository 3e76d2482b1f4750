#include "bench/crew.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

#include "bench/rows/steps.hpp"

namespace admit::bench {
namespace {

constexpr std::uint64_t cycles_of_a_price = 5'000;
constexpr std::uint64_t untimed = 16;  // operations between looks whether all are done

/// Keeps the calling thread on one of the cores that the process may use: two threads that took
/// turns on one core would seem not to disturb each other at all.
void stay_on_core(unsigned number) {
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    unsigned skip = number % static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
    for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
        if (!CPU_ISSET(core, &allowed) || skip-- != 0) continue;
        cpu_set_t mine;
        CPU_ZERO(&mine);
        CPU_SET(core, &mine);
        ::sched_setaffinity(0, sizeof mine, &mine);
        return;
    }
}

/// How often the system has stopped the calling thread to let others run. A thread that waits for
/// a mutex stops by itself.
long interruptions() {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    return used.ru_nivcsw;
}

}  // namespace

crew::crew(unsigned threads)
    : results_(std::max(2U, threads)), shared_lines_(steps_on_shared_lines(2, 2)) {
    for (unsigned number = 0; number < results_.size(); ++number) {
        threads_.emplace_back([this, number] { live(number); });
    }
}

crew::~crew() {
    over_ = true;
    round_.fetch_add(1);
    round_.notify_all();
}

crew::pass crew::run(workload& work, unsigned threads, std::uint64_t each) {
    work_ = &work;
    wanted_ = threads;
    each_ = each;
    arrived_ = 0;
    done_ = 0;
    busy_ = size();
    round_.fetch_add(1);
    round_.notify_all();
    for (unsigned left = busy_; left != 0; left = busy_) busy_.wait(left);
    pass all;
    for (unsigned number = 0; number < threads; ++number) {
        all.took += results_[number].took / threads;
        all.disturbed |= results_[number].disturbed;
    }
    return all;
}

double crew::line_price() {
    const auto took = run(*shared_lines_, 2, cycles_of_a_price).took;
    return static_cast<double>(took.count()) / static_cast<double>(cycles_of_a_price);
}

void crew::live(unsigned number) {
    stay_on_core(number);
    for (unsigned seen = 0;;) {
        round_.wait(seen);
        seen = round_;
        if (over_) return;
        if (number < wanted_) take_part(number);
        if (busy_.fetch_sub(1) == 1) busy_.notify_all();
    }
}

void crew::take_part(unsigned number) {
    arrived_.fetch_add(1);
    while (arrived_ != wanted_) std::this_thread::yield();
    const long before = interruptions();
    results_[number].took = work_->run(number, each_);
    results_[number].disturbed = interruptions() != before;
    done_.fetch_add(1);
    while (done_ != wanted_) work_->run(number, untimed);
}

}  // namespace admit::bench
