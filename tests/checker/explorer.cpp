// SPDX-License-Identifier: BSL-1.0
#include "checker/explorer.hpp"

#include <cassert>
#include <chrono>

#include "checker/depth_first.hpp"
#include "checker/execution.hpp"
#include "checker/print.hpp"
#include "checker/random_priorities.hpp"
#include "checker/seed.hpp"

namespace admit::model {

namespace {

/// One search or replay, and its result.
class explorer {
public:
    explorer(std::string_view name, const options& config, const std::function<void()>& body)
        : options_(config), body_(body) {
        result_.name = name;
    }

    exploration search();
    exploration replay(const seed& from);

private:
    bool run_one(const budget& limits, bool reduce, strategy& choices);
    void exhaust(unsigned preemptions);
    void sample();
    void keep_failure(const budget& limits, bool reduce, const strategy& choices);

    const options& options_;
    const std::function<void()>& body_;
    execution execution_;
    exploration result_;
};

bool explorer::run_one(const budget& limits, bool reduce, strategy& choices) {
    execution_.run(body_, {options_, limits, reduce}, choices);
    result_.preemption_bound_reached |= execution_.scheduling().preemption_bound_reached();
    result_.stale_bound_reached |= execution_.shared_memory().stale_bound_reached();
    result_.forced_yields += execution_.scheduling().forced_to_yield() ? 1U : 0U;
    if (execution_.failed()) {
        keep_failure(limits, reduce, choices);
    }
    return !execution_.failed();
}

void explorer::keep_failure(const budget& limits, bool reduce, const strategy& choices) {
    result_.failure = execution_.failure();
    result_.seed = seed{seed::hash(result_.name), reduce, limits, choices.path()}.encode();
    result_.interleaving = print_interleaving(execution_.shared_memory());
}

void explorer::exhaust(unsigned preemptions) {
    const budget limits{preemptions, options_.stale_reads, options_.spurious_failures};
    // Where a thread is suspended depends on the order of independent steps.
    const bool reduce = options_.reduce && !options_.lock_freedom;
    depth_first choices;
    result_.preemptions = preemptions;
    result_.preemption_bound_reached = false;
    result_.executions_at_bound = 0;
    result_.complete = false;
    do {
        assert(result_.executions + result_.pruned <= options_.executions);
        if (result_.executions + result_.pruned == options_.executions) {
            return;
        }
        const bool passed = run_one(limits, reduce, choices);
        const bool pruned = execution_.scheduling().pruned();
        ++(pruned ? result_.pruned : result_.executions);
        result_.executions_at_bound += pruned ? 0U : 1U;
        if (!passed) {
            return;
        }
    } while (choices.advance());
    result_.complete = true;
}

/// Random executions, which have no bounds.
void explorer::sample() {
    const budget limits{unlimited, unlimited, unlimited};
    random_priorities choices{options_.random_seed, options_.random_depth};
    while (result_.random_executions < options_.random_executions) {
        ++result_.random_executions;
        if (!run_one(limits, false, choices)) {
            return;
        }
    }
}

exploration explorer::search() {
    const auto begin = std::chrono::steady_clock::now();
    unsigned preemptions = options_.preemptions >= unlimited ? unlimited : 0;
    exhaust(preemptions);
    while (result_.complete && result_.preemption_bound_reached &&
           preemptions < options_.preemptions) {
        exhaust(++preemptions);
    }
    const exploration exhausted = result_;
    if (!result_.failed()) {
        sample();
    }
    result_.preemption_bound_reached = exhausted.preemption_bound_reached;
    result_.stale_bound_reached = exhausted.stale_bound_reached;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    result_.seconds = taken.count();
    return result_;
}

exploration explorer::replay(const seed& from) {
    depth_first choices{from.choices};
    result_.preemptions = from.limits.preemptions;
    result_.executions = 1;
    if (run_one(from.limits, from.reduce, choices)) {
        result_.interleaving = print_interleaving(execution_.shared_memory());
    }
    return result_;
}

std::string bound_text(const char* unit, unsigned limit, bool reached) {
    const std::string number = limit >= unlimited ? "any" : std::to_string(limit);
    return number + ' ' + unit + (reached ? " (bound reached)" : "");
}

}  // namespace

exploration search(std::string_view name, const options& config,
                   const std::function<void()>& body) {
    return explorer{name, config, body}.search();
}

exploration replay(std::string_view name, std::string_view seed_text, const options& config,
                   const std::function<void()>& body) {
    return explorer{name, config, body}.replay(seed::decode(seed_text));
}

std::string exploration::summary() const {
    std::string text = name + ": explored " + std::to_string(executions) + " executions, " +
                       (complete ? "complete" : "incomplete");
    text += ", up to " + bound_text("preemptions", preemptions, preemption_bound_reached);
    if (stale_bound_reached) {
        text += ", bound on stale reads reached";
    }
    text += "; " + std::to_string(pruned) + " pruned";
    if (forced_yields != 0) {
        text += "; a thread was taken to spin in " + std::to_string(forced_yields);
    }
    if (random_executions != 0) {
        text += "; " + std::to_string(random_executions) + " random";
    }
    return text + "; " + std::to_string(static_cast<int>(seconds * 1000)) + " ms";
}

std::string exploration::report() const {
    return failure + "\nseed: " + seed + "\n" + interleaving;
}

}  // namespace admit::model
