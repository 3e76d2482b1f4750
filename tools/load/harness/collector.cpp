// SPDX-License-Identifier: BSL-1.0
#include "load/harness/collector.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <type_traits>

namespace admit::load {

static_assert(std::is_trivially_copyable_v<sample>);

namespace {

thread_local std::size_t worker_of_this_thread = 0;

/// All queues together take 2 MiB, which is 16 ms of the fastest scenario. The monitor drains them
/// every millisecond.
std::size_t queue_capacity(std::size_t workers) {
    return std::clamp<std::size_t>(131'072 / workers, 4'096, 65'536);
}

/// Writes every cell once: a first use during the run would look like growth of memory.
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
    if (one.kind == service_time) {
        services_.add(one.nanoseconds);
        return;
    }
    all_.add(one.nanoseconds);
    interval_.add(one.nanoseconds);
    // A single kind has the same log as all samples.
    if (kinds_.size() > 1) kinds_[one.kind].add(one.nanoseconds);
    share& user = users_[one.user];
    ++user.count;
    user.mean += (static_cast<float>(one.nanoseconds) - user.mean) / static_cast<float>(user.count);
}

void response_table::add(const response_table& other) {
    all_.add(other.all_);
    waits_.add(other.waits_);
    services_.add(other.services_);
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
    interval_.prefault();
    if (kinds_.size() > 1) {
        for (response_log& kind : kinds_) kind.prefault();
    }
}

double response_table::fairness() const noexcept {
    double sum = 0;
    double squares = 0;
    for (const share& user : users_) {
        const auto count = static_cast<double>(user.count);
        sum += count;
        squares += count * count;
    }
    return squares > 0 ? sum * sum / (squares * static_cast<double>(users_.size())) : 1;
}

std::vector<user_rank> response_table::user_ranks(std::size_t max_points) const {
    std::vector<std::uint32_t> counts;
    counts.reserve(users_.size());
    for (const share& user : users_) counts.push_back(user.count);
    std::sort(counts.begin(), counts.end(), std::greater<>());
    const std::size_t points = std::min(max_points, counts.size());
    std::vector<user_rank> ranks;
    for (std::size_t point = 0; point < points; ++point) {
        const std::size_t at = points == 1 ? 0 : point * (counts.size() - 1) / (points - 1);
        ranks.push_back({at + 1, counts[at]});
    }
    return ranks;
}

collector::collector(std::size_t workers, std::size_t kinds, std::size_t users)
    : table_(kinds, users), kinds_(kinds), users_(users) {
    table_.prefault();
    for (std::size_t worker = 0; worker < workers; ++worker) {
        records_.push_back(std::make_unique<worker_record>(queue_capacity(workers)));
        prefault(records_.back()->samples);
    }
}

void collector::set_worker(std::size_t number) noexcept { worker_of_this_thread = number; }

// Not inline: a coroutine may resume on another thread, and an inlined access might keep the
// address of the thread-local variable over the suspension.
worker_record& collector::here() noexcept {
    assert(worker_of_this_thread < records_.size());
    return *records_[worker_of_this_thread];
}

void collector::record(const sample& one) {
    worker_record& record = here();
    if (record.samples.push(one)) return;
    if (!record.late) record.late.emplace(kinds_, users_);
    record.late->add(one);
    ++record.late_samples;
}

std::size_t collector::drain() {
    std::size_t drained = 0;
    for (const auto& record : records_) {
        drained += record->samples.consume_all([this](const sample& one) { table_.add(one); });
    }
    return drained;
}

void collector::finish() {
    drain();
    for (const auto& record : records_) {
        if (record->late) table_.add(*record->late);
        record->late.reset();
    }
}

template <class Get>
std::uint64_t collector::sum_of(Get get) const noexcept {
    std::uint64_t total = 0;
    for (const auto& record : records_) total += get(*record);
    return total;
}

std::uint64_t collector::sum(tools::single_writer_counter worker_record::*counter) const noexcept {
    return sum_of([=](const worker_record& record) { return (record.*counter).get(); });
}

start_counts collector::starts() const noexcept {
    start_counts counts;
    counts.attempts = sum(&worker_record::attempts);
    counts.successful = sum(&worker_record::successful);
    counts.given_up = sum(&worker_record::given_up);
    for (std::size_t reason = 0; reason < reason_names.size(); ++reason) {
        counts.failed_by_reason[reason] =
            sum_of([=](const worker_record& record) { return record.failed[reason].get(); });
    }
    return counts;
}

arrival_counts collector::arrivals() const noexcept {
    admit::duration longest{};
    for (const auto& record : records_) longest = std::max(longest, record->longest_delay);
    return {sum(&worker_record::arrivals), sum(&worker_record::late_arrivals),
            std::chrono::duration<double, std::milli>(longest).count()};
}

std::uint64_t collector::late_samples() const noexcept {
    return sum_of([](const worker_record& record) { return record.late_samples; });
}

}  // namespace admit::load
