// SPDX-License-Identifier: BSL-1.0
#include "load/harness/response_log.hpp"

#include <algorithm>
#include <boost/histogram/axis/regular.hpp>
#include <boost/histogram/histogram.hpp>
#include <cmath>
#include <functional>
#include <tuple>

namespace admit::load {
namespace {

namespace bh = boost::histogram;
using log_axis = bh::axis::regular<double, bh::axis::transform::log>;

// 1 ns to 1,000,000 s; ln(10^15) / ln(1.001) bins make each 0.1 % wide: three digits.
constexpr double ms = 1e-6;  // of a nanosecond
constexpr double lowest = 1.0;
constexpr double highest = 1e15;
constexpr unsigned bins = 34'556;

}  // namespace

struct response_log::histogram {
    using storage = bh::dense_storage<std::uint64_t>;
    using axes = std::tuple<log_axis>;

    bh::histogram<axes, storage> counts{axes{log_axis{bins, lowest, highest}}};

    void add(std::uint64_t nanoseconds) { counts(static_cast<double>(nanoseconds)); }

    void add(const histogram& other) {
        std::transform(counts.begin(), counts.end(), other.counts.begin(), counts.begin(),
                       std::plus<>());
    }

    /// The geometric middle of the bin: the error is the same factor at both edges.
    double percentile(std::uint64_t rank) const {
        std::uint64_t below = 0;
        int bin = -1;  // underflow
        for (const std::uint64_t count : counts) {
            below += count;
            if (below >= rank) break;
            ++bin;
        }
        const log_axis& axis = counts.axis();
        return std::sqrt(axis.value(bin) * axis.value(bin + 1));
    }
};

response_log::response_log() = default;
response_log::~response_log() = default;
response_log::response_log(response_log&&) noexcept = default;
response_log& response_log::operator=(response_log&&) noexcept = default;

void response_log::add(std::uint64_t nanoseconds) {
    ++count_;
    sum_ += nanoseconds;
    const double in_ms = static_cast<double>(nanoseconds) * ms;
    squares_ += in_ms * in_ms;
    min_ = std::min(min_, nanoseconds);
    max_ = std::max(max_, nanoseconds);
    if (exact() && exact_.size() == exact_up_to) start_binning();
    if (exact()) {
        exact_.push_back(nanoseconds);
    } else {
        binned_->add(nanoseconds);
    }
}

void response_log::add(const response_log& other) {
    if (other.exact()) {
        for (const std::uint64_t one : other.exact_) add(one);
        return;
    }
    if (exact()) start_binning();
    binned_->add(*other.binned_);
    count_ += other.count_;
    sum_ += other.sum_;
    squares_ += other.squares_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

void response_log::reset() {
    exact_.clear();
    binned_.reset();
    count_ = 0;
    sum_ = 0;
    squares_ = 0;
    min_ = UINT64_MAX;
    max_ = 0;
}

void response_log::prefault() {
    exact_.resize(exact_up_to);
    exact_.clear();
}

void response_log::start_binning() {
    binned_ = std::make_unique<histogram>();
    for (const std::uint64_t one : exact_) binned_->add(one);
    exact_ = {};
}

/// The values in order, once for all percentiles.
class response_log::ranking {
public:
    explicit ranking(const response_log& log) : log_(log), sorted_(log.exact_) {
        std::sort(sorted_.begin(), sorted_.end());
    }

    double percentile(double percent) const {
        if (log_.count_ == 0) return 0;
        const double exact_rank = std::ceil(percent / 100 * static_cast<double>(log_.count_));
        const auto rank =
            std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact_rank), 1, log_.count_);
        if (log_.exact()) return static_cast<double>(sorted_[rank - 1]);
        return std::clamp(log_.binned_->percentile(rank), static_cast<double>(log_.min_),
                          static_cast<double>(log_.max_));
    }

private:
    const response_log& log_;
    std::vector<std::uint64_t> sorted_;
};

double response_log::percentile(double percent) const { return ranking(*this).percentile(percent); }

response_times response_log::summary() const {
    if (count_ == 0) return {};
    const auto count = static_cast<double>(count_);
    const double mean_ms = static_cast<double>(sum_) / count * ms;
    const ranking values(*this);
    return {.count = count_,
            .min_ms = static_cast<double>(min_) * ms,
            .max_ms = static_cast<double>(max_) * ms,
            .mean_ms = mean_ms,
            .deviation_ms = std::sqrt(std::max(0.0, squares_ / count - mean_ms * mean_ms)),
            .p50_ms = values.percentile(50) * ms,
            .p90_ms = values.percentile(90) * ms,
            .p95_ms = values.percentile(95) * ms,
            .p99_ms = values.percentile(99) * ms,
            .p99_9_ms = values.percentile(99.9) * ms,
            .p99_99_ms = values.percentile(99.99) * ms};
}

std::vector<percentile_point> response_log::distribution() const {
    std::vector<percentile_point> points;
    const auto count = static_cast<double>(count_);
    const ranking values(*this);
    for (double percent = 0; (100 - percent) / 100 * count > 1;) {
        points.push_back({percent, values.percentile(percent) * ms,
                          static_cast<std::uint64_t>(std::ceil(percent / 100 * count))});
        const double halves = std::floor(std::log2(100 / (100 - percent))) + 1;
        percent += 100 / (5 * std::exp2(halves));
    }
    if (count_ > 0) points.push_back({100, static_cast<double>(max_) * ms, count_});
    return points;
}

}  // namespace admit::load
