// SPDX-License-Identifier: BSL-1.0
// Rows of users whose memory is in no cache: their ids are strings on the heap, one by one, as a
// bot has them. Users that were never seen before, and random ones of many.
#include <algorithm>
#include <cstring>
#include <string>

#include "bench/rows/occupied.hpp"
#include "bench/rows/rows.hpp"
#include "common/baseline/sharded_counts.hpp"

namespace admit::bench {
namespace {

/// Ids in strings too long to be kept in place. A number is in the bytes of each.
class heap_ids {
public:
    explicit heap_ids(std::size_t count) : ids_(count, std::string{user_id{}.view()}) {
        for (std::size_t i = 0; i < count; ++i) set(i, i);
    }

    void set(std::size_t at, std::uint64_t number) noexcept {
        std::memcpy(ids_[at].data() + sizeof number, &number, sizeof number);
    }
    const std::string& operator[](std::size_t at) const noexcept { return ids_[at]; }
    std::size_t size() const noexcept { return ids_.size(); }

private:
    std::vector<std::string> ids_;
};

/// Admits users one after another that no call has named before, and ends each at once. The ids are
/// renewed between batches, which is not timed.
template <class System>
class new_users final : public workload {
public:
    explicit new_users(std::size_t limit)
        : system_(admit::limits{.max_concurrent = limit}), ids_(limit) {}

    std::chrono::nanoseconds run(unsigned, std::uint64_t n) noexcept override {
        std::chrono::nanoseconds took{};
        while (n > 0) {
            if (used_ == ids_.size()) renew();
            const std::size_t batch = std::min<std::uint64_t>(n, ids_.size() - used_);
            const auto start = std::chrono::steady_clock::now();
            for (std::size_t i = used_; i < used_ + batch; ++i)
                unexpected_ += system_.try_admit(ids_[i]) ? 0U : 1U;
            took += std::chrono::steady_clock::now() - start;
            used_ += batch;
            n -= batch;
        }
        return took;
    }
    std::uint64_t unexpected() const noexcept override { return unexpected_; }

private:
    void renew() noexcept {
        ++round_;
        for (std::size_t i = 0; i < ids_.size(); ++i) ids_.set(i, round_ * ids_.size() + i);
        used_ = 0;
    }

    System system_;
    heap_ids ids_;
    std::size_t used_ = 0;
    std::uint64_t round_ = 0;
    std::uint64_t unexpected_ = 0;
};

constexpr std::size_t million = 1'000'000;
constexpr std::size_t many_slots = 10'000;
constexpr std::size_t many_users = 64'000;

template <class System>
std::unique_ptr<workload> random_heap_users(unsigned threads) {
    const auto tested = half_occupied<System>(many_slots);
    const auto ids = std::make_shared<const heap_ids>(many_users);
    return loop_of(threads, [&](unsigned thread) {
        return [tested, ids, random = random_numbers{thread}]() mutable {
            return static_cast<bool>(tested->system.try_admit((*ids)[random.below(many_users)]));
        };
    });
}

template <class System>
void add_new_users(catalog& all, std::string_view name, std::string title) {
    all.rows.push_back({"new-users", name, 1, std::move(title),
                        [] { return std::make_unique<new_users<System>>(million); }});
}

}  // namespace

void add_cold(catalog& all) {
    for_each_system([&]<class System>() {
        add_new_users<System>(all, system_name<System>,
                              "admit+end, users never seen before, limit of 1,000,000");
    });
    add_new_users<baseline::sharded_counts>(
        all, systems::counts, "the same by 64 mutexes that keep a count and nothing else");
    for (const unsigned threads : {1U, 2U})
        for_each_system([&]<class System>() {
            all.rows.push_back({"random-heap", system_name<System>, threads,
                                "admit+end, 64,000 random users, their ids on the heap",
                                [=] { return random_heap_users<System>(threads); }});
        });
    all.targets.push_back({"users never seen before against 64 mutexes that count",
                           "new-users/admit/1", 1.3, "new-users/counts/1"});
    all.targets.push_back({"users never seen before against a returning one", "new-users/admit/1",
                           2.0, "string/admit/1"});
    all.targets.push_back({"64,000 random users, ids on the heap", "random-heap/admit/1", 2.5,
                           std::string(floor_figure)});
}

}  // namespace admit::bench
