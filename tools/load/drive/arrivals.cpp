// SPDX-License-Identifier: BSL-1.0
#include "load/drive/arrivals.hpp"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

namespace admit::load {
namespace {

std::vector<double> zipf_weights(const user_kind& kind) {
    std::vector<double> weights(kind.count);
    for (std::size_t rank = 0; rank < kind.count; ++rank)
        weights[rank] = std::pow(static_cast<double>(rank + 1), -kind.zipf_exponent);
    return weights;
}

std::vector<double> kind_weights(const scenario_file& file) {
    std::vector<double> weights;
    for (const user_kind& kind : file.users) weights.push_back(kind.weight);
    return weights;
}

/// One stage of the whole length if the file has none.
std::vector<rate_stage> stages_of(const scenario_file& file) {
    if (!file.arrival.stages.empty()) return file.arrival.stages;
    return {{file.duration_s, file.arrival.rate_per_s}};
}

/// The starts of a whole stage: the mean rate times its length.
double starts_in(const rate_stage& stage, double from_rate) {
    return stage.for_s * (from_rate + stage.rate_per_s) / 2;
}

/// When `count` starts of the stage have passed: the root of from*t + slope*t^2/2 = count, in the
/// form that is exact for a slope of 0.
double seconds_until(double count, const rate_stage& stage, double from_rate) {
    const double slope = (stage.rate_per_s - from_rate) / stage.for_s;
    const double square = std::max(0.0, from_rate * from_rate + 2 * slope * count);
    return 2 * count / (from_rate + std::sqrt(square));
}

}  // namespace

user_source::user_source(const user_kind& kind, std::size_t first_user)
    : kind_(kind), first_(first_user) {
    using table = boost::random::discrete_distribution<std::size_t, double>;
    if (kind.ids == "zipf") zipf_ = std::make_shared<const table>(zipf_weights(kind));
}

std::uint32_t user_source::next(random_engine& rng) {
    std::size_t number = 0;
    if (zipf_) {
        number = (*zipf_)(rng);
    } else if (kind_.ids == "uniform") {
        number = boost::random::uniform_int_distribution<std::size_t>(0, kind_.count - 1)(rng);
    } else {
        number = turn_++ % kind_.count;
    }
    return static_cast<std::uint32_t>(first_ + number);
}

std::vector<user_source> make_user_sources(const scenario_file& file) {
    std::vector<user_source> sources;
    std::size_t first = 0;
    for (const user_kind& kind : file.users) {
        sources.emplace_back(kind, first);
        first += kind.count;
    }
    return sources;
}

conversation_plan draw_conversation(const user_kind& kind, random_engine& rng) {
    conversation_plan drawn;
    const double end = 100 * draw_unit(rng);
    if (end < kind.throw_percent) {
        drawn.fate = fate::throws;
    } else if (end < kind.throw_percent + kind.never_end_percent) {
        drawn.fate = fate::is_forgotten;
    }
    if (100 * draw_unit(rng) < kind.give_up_percent)
        drawn.give_up_after = kind.give_up_after_ms.draw(rng);
    drawn.seed = rng();
    return drawn;
}

arrival_plan::arrival_plan(const scenario_file& file)
    : file_(file),
      rng_(make_random(file.seed, 0)),
      users_(make_user_sources(file)),
      kinds_(kind_weights(file)),
      stages_(stages_of(file)),
      from_rate_(file.arrival.rate_per_s) {}

bool arrival_plan::advance_stage() {
    done_in_stage_ -= starts_in(stages_[stage_], from_rate_);
    stage_began_s_ += stages_[stage_].for_s;
    from_rate_ = stages_[stage_].rate_per_s;
    return ++stage_ < stages_.size();
}

std::optional<arrival_plan::arrival> arrival_plan::next() {
    if (stage_ >= stages_.size()) return std::nullopt;
    // By the number of expected starts, a Poisson process has the rate 1 whatever the stages.
    const bool poisson = file_.arrival.process == "poisson";
    done_in_stage_ += poisson ? boost::random::exponential_distribution<double>(1)(rng_) : 1.0;
    while (done_in_stage_ > starts_in(stages_[stage_], from_rate_)) {
        if (!advance_stage()) return std::nullopt;
    }
    const rate_stage& stage = stages_[stage_];
    const double in_stage = seconds_until(done_in_stage_, stage, from_rate_);
    const double rate = from_rate_ + (stage.rate_per_s - from_rate_) * in_stage / stage.for_s;
    arrival planned;
    planned.time.at = from_seconds(stage_began_s_ + in_stage);
    planned.time.mean_gap = from_seconds(1 / std::max(rate, 1e-6));
    const std::uint32_t kind = kinds_(rng_);
    const std::uint32_t user = users_[kind].next(rng_);
    planned.conversation = draw_conversation(file_.users[kind], rng_);
    planned.conversation.kind = kind;
    planned.conversation.user = user;
    return planned;
}

std::uint64_t hash_of(arrival_plan plan) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;  // FNV-1a, by words
    const auto mix = [&](std::uint64_t word) { hash = (hash ^ word) * 1'099'511'628'211U; };
    while (const auto next = plan.next()) {
        const conversation_plan& who = next->conversation;
        mix(static_cast<std::uint64_t>(next->time.at.count()));
        mix(std::uint64_t{who.kind} << 32 | who.user);
        mix(std::uint64_t{who.seed} << 2 | static_cast<std::uint64_t>(who.fate));
        mix(static_cast<std::uint64_t>(who.give_up_after.value_or(admit::duration{}).count()));
    }
    return hash;
}

}  // namespace admit::load
