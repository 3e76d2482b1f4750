// What must hold, what was seen, and where to look when it does not hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace admit::load {

/// Numbers stay numbers in the JSON report.
using value = std::variant<std::int64_t, double, std::string>;
std::string to_string(const value&);

struct check {
    std::string name;
    value expected;
    value observed;
    bool passed = false;
    std::string likely_causes;
    /// For a threshold of the older system: how many times better we are. Absent otherwise.
    std::optional<double> times_better;
};

/// The checks of one run, in the order in which they were made. Used by one thread or one chain of
/// coroutine resumptions at a time.
class checklist {
public:
    void equal(std::string_view name, std::uint64_t expected, std::uint64_t observed,
               std::string_view causes);
    void equal(std::string_view name, std::string_view expected, std::string_view observed,
               std::string_view causes);
    void at_most(std::string_view name, std::uint64_t most, std::uint64_t observed,
                 std::string_view causes);
    void at_least(std::string_view name, std::uint64_t least, std::uint64_t observed,
                  std::string_view causes);
    void below(std::string_view name, double bound, double observed, std::string_view unit,
               std::string_view causes);
    void above(std::string_view name, double bound, double observed, std::string_view unit,
               std::string_view causes);

    /// The same for the thresholds that the older system set; they remember the distance.
    void below_floor(std::string_view name, double bound, double observed, std::string_view unit,
                     std::string_view causes);
    void above_floor(std::string_view name, double bound, double observed, std::string_view unit,
                     std::string_view causes);

    const std::vector<check>& all() const noexcept { return checks_; }
    bool passed() const noexcept;

private:
    void add(std::string_view name, value expected, value observed, bool passed,
             std::string_view causes);

    std::vector<check> checks_;
};

}  // namespace admit::load
