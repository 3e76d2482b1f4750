// SPDX-License-Identifier: BSL-1.0
#include "bot/outbox.hpp"

#include <algorithm>
#include <cmath>

namespace admit::bot {

void token_bucket::refill(clock::time_point now) {
    if (now <= filled_) return;
    const double seconds = std::chrono::duration<double>(now - filled_).count();
    tokens_ = std::min(burst_, tokens_ + seconds * per_second_);
    filled_ = now;
}

clock::duration token_bucket::wait(clock::time_point now) {
    refill(now);
    if (tokens_ >= 1) return clock::duration::zero();
    const double seconds = (1 - tokens_) / per_second_;
    return clock::duration{static_cast<clock::rep>(std::ceil(seconds * 1e9))};
}

bool token_bucket::take(clock::time_point now) {
    refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

void outbox::protocol(std::string line) { protocol_.push_back(std::move(line)); }

bool outbox::answer(const std::string& user, std::string line) {
    if (unsent_ >= max_answers) return false;
    auto& lines = answers_[user];
    if (lines.size() >= max_of_user) return false;
    if (lines.empty()) turns_.push_back(user);
    lines.push_back(std::move(line));
    ++unsent_;
    return true;
}

void outbox::notice(std::size_t key, std::string line) {
    if (notices_.size() >= max_notices && !notices_.contains(key)) return;
    notices_[key] = std::move(line);
}

void outbox::clear() {
    protocol_.clear();
    answers_.clear();
    turns_.clear();
    notices_.clear();
    unsent_ = 0;
}

std::string outbox::take_answer() {
    const std::string user = std::move(turns_.front());
    turns_.pop_front();
    const auto found = answers_.find(user);
    std::string line = std::move(found->second.front());
    found->second.pop_front();
    --unsent_;
    if (found->second.empty())
        answers_.erase(found);
    else
        turns_.push_back(user);
    return line;
}

std::optional<std::string> outbox::next(clock::time_point now) {
    if (empty() || !bucket_.take(now)) return std::nullopt;
    if (protocol_.empty() && !turns_.empty()) return take_answer();
    if (protocol_.empty()) return std::move(notices_.extract(notices_.begin()).mapped());
    std::string line = std::move(protocol_.front());
    protocol_.pop_front();
    return line;
}

}  // namespace admit::bot
