#include "load/harness/collector.hpp"

#include <algorithm>
#include <cassert>
#include <type_traits>

namespace admit::load {

static_assert(std::is_trivially_copyable_v<sample>);

namespace {

thread_local std::size_t lane_of_this_thread = 0;

/// Together the queues hold 2 MiB: 16 ms of the fastest scenario, where the reporter looks every
/// millisecond.
std::size_t queue_capacity(std::size_t workers) {
    return std::clamp<std::size_t>(131'072 / workers, 4'096, 65'536);
}

/// Writes every cell once, so that the first lap does not look like growth of memory.
void prefault(boost::lockfree::spsc_queue<sample>& queue) {
    while (queue.push(sample{})) {
    }
    queue.consume_all([](const sample&) {});
}

}  // namespace

response_table::response_table(std::size_t kinds, std::size_t users)
    : kinds_(kinds), users_(users) {}

void response_table::add(const sample& one) {
    if (one.kind == queue_wait) {
        waits_.add(one.nanoseconds);
        return;
    }
    all_.add(one.nanoseconds);
    // With one kind its log would be the same as that of all.
    if (kinds_.size() > 1) kinds_[one.kind].add(one.nanoseconds);
    share& user = users_[one.user];
    ++user.count;
    user.mean += (static_cast<float>(one.nanoseconds) - user.mean) / static_cast<float>(user.count);
}

void response_table::add(const response_table& other) {
    all_.add(other.all_);
    waits_.add(other.waits_);
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) kinds_[kind].add(other.kinds_[kind]);
    for (std::size_t user = 0; user < users_.size(); ++user) {
        const share& more = other.users_[user];
        if (more.count == 0) continue;
        share& sum = users_[user];
        sum.count += more.count;
        sum.mean +=
            (more.mean - sum.mean) * static_cast<float>(more.count) / static_cast<float>(sum.count);
    }
}

void response_table::prefault() {
    all_.prefault();
    waits_.prefault();
    if (kinds_.size() > 1) {
        for (response_log& kind : kinds_) kind.prefault();
    }
}

collector::collector(std::size_t workers, std::size_t kinds, std::size_t users)
    : table_(kinds, users), kinds_(kinds), users_(users) {
    table_.prefault();
    for (std::size_t worker = 0; worker < workers; ++worker) {
        lanes_.push_back(std::make_unique<worker_lane>(queue_capacity(workers)));
        prefault(lanes_.back()->samples);
    }
}

void collector::enter_lane(std::size_t number) noexcept { lane_of_this_thread = number; }

// Not inline on purpose: a coroutine may resume on another thread, and a compiler that saw the
// thread-local variable might keep its address over the suspension.
worker_lane& collector::here() noexcept {
    assert(lane_of_this_thread < lanes_.size());
    return *lanes_[lane_of_this_thread];
}

void collector::record(const sample& one) {
    worker_lane& lane = here();
    if (lane.samples.push(one)) return;
    if (!lane.late) lane.late.emplace(kinds_, users_);
    lane.late->add(one);
    ++lane.late_samples;
}

std::size_t collector::drain() {
    std::size_t drained = 0;
    for (const auto& lane : lanes_) {
        drained += lane->samples.consume_all([this](const sample& one) { table_.add(one); });
    }
    return drained;
}

void collector::finish() {
    drain();
    for (const auto& lane : lanes_) {
        if (lane->late) table_.add(*lane->late);
        lane->late.reset();
    }
}

template <class Get>
std::uint64_t collector::sum(Get get) const noexcept {
    std::uint64_t total = 0;
    for (const auto& lane : lanes_) total += get(*lane);
    return total;
}

start_counts collector::starts() const noexcept {
    start_counts counts;
    counts.attempts = sum([](const worker_lane& lane) { return lane.attempts.get(); });
    counts.successful = sum([](const worker_lane& lane) { return lane.successful.get(); });
    for (std::size_t reason = 0; reason < reason_names.size(); ++reason) {
        counts.failed_by_reason[reason] =
            sum([=](const worker_lane& lane) { return lane.failed[reason].get(); });
    }
    return counts;
}

std::uint64_t collector::waits() const noexcept {
    return sum([](const worker_lane& lane) { return lane.waits.get(); });
}

std::uint64_t collector::completions() const noexcept {
    return sum([](const worker_lane& lane) { return lane.completed.get(); });
}

std::uint64_t collector::failed_touches() const noexcept {
    return sum([](const worker_lane& lane) { return lane.failed_touches.get(); });
}

std::uint64_t collector::late_samples() const noexcept {
    return sum([](const worker_lane& lane) { return lane.late_samples; });
}

}  // namespace admit::load
