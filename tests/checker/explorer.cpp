#include "checker/explorer.hpp"

#include <chrono>

#include "checker/depth_first.hpp"
#include "checker/execution.hpp"
#include "checker/print.hpp"
#include "checker/random_priorities.hpp"
#include "checker/seed.hpp"

namespace admit::model {

namespace {

/// One search: the bounds it goes through and what it found.
class explorer {
public:
    explorer(std::string_view name, const options& how, const std::function<void()>& body)
        : how_(how), body_(body) {
        found_.name = name;
    }

    exploration search();
    exploration replay(const seed& of);

private:
    bool run_one(const budget& limits, bool reduce, strategy& choices);
    void exhaust(unsigned preemptions);
    void sample();
    void keep_failure(const budget& limits, bool reduce, const strategy& choices);

    const options& how_;
    const std::function<void()>& body_;
    execution engine_;
    exploration found_;
};

bool explorer::run_one(const budget& limits, bool reduce, strategy& choices) {
    engine_.run(body_, {&how_, limits, reduce}, choices);
    found_.preemption_bound_reached |= engine_.preemption_bound_reached();
    found_.stale_bound_reached |= engine_.state().stale_bound_reached();
    found_.forced_yields += engine_.forced_to_yield() ? 1U : 0U;
    if (engine_.failed()) {
        keep_failure(limits, reduce, choices);
    }
    return !engine_.failed();
}

void explorer::keep_failure(const budget& limits, bool reduce, const strategy& choices) {
    found_.failure = engine_.failure();
    found_.seed = seed{seed::hash(found_.name), reduce, limits, choices.path()}.encode();
    found_.interleaving = print_interleaving(engine_.state());
}

void explorer::exhaust(unsigned preemptions) {
    const budget limits{preemptions, how_.stale_reads, how_.spurious_failures};
    // A suspension is not neutral to the order of independent steps.
    const bool reduce = how_.reduce && !how_.lock_freedom;
    depth_first choices;
    found_.preemptions = preemptions;
    found_.preemption_bound_reached = false;
    found_.executions_at_bound = 0;
    found_.complete = false;
    do {
        if (found_.executions + found_.pruned == how_.executions) {
            return;
        }
        const bool passed = run_one(limits, reduce, choices);
        ++(engine_.pruned() ? found_.pruned : found_.executions);
        found_.executions_at_bound += engine_.pruned() ? 0U : 1U;
        if (!passed) {
            return;
        }
    } while (choices.advance());
    found_.complete = true;
}

/// Beyond the bounds of the exhaustive search, as far as luck goes.
void explorer::sample() {
    const budget limits{unlimited, unlimited, unlimited};
    random_priorities choices{how_.random_seed, how_.random_depth};
    while (found_.random_executions < how_.random_executions) {
        ++found_.random_executions;
        if (!run_one(limits, false, choices)) {
            return;
        }
    }
}

exploration explorer::search() {
    const auto begin = std::chrono::steady_clock::now();
    unsigned preemptions = how_.preemptions >= unlimited ? unlimited : 0;
    exhaust(preemptions);
    while (found_.complete && found_.preemption_bound_reached && preemptions < how_.preemptions) {
        exhaust(++preemptions);
    }
    const exploration exhausted = found_;
    if (!found_.failed()) {
        sample();
    }
    found_.preemption_bound_reached = exhausted.preemption_bound_reached;
    found_.stale_bound_reached = exhausted.stale_bound_reached;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    found_.seconds = taken.count();
    return found_;
}

exploration explorer::replay(const seed& of) {
    depth_first choices{of.choices};
    found_.preemptions = of.limits.preemptions;
    found_.executions = 1;
    if (run_one(of.limits, of.reduce, choices)) {
        found_.interleaving = print_interleaving(engine_.state());
    }
    return found_;
}

std::string bound_text(const char* what, unsigned limit, bool reached) {
    const std::string number = limit >= unlimited ? "any" : std::to_string(limit);
    return number + ' ' + what + (reached ? " (more would show more)" : "");
}

}  // namespace

exploration search(std::string_view name, const options& how, const std::function<void()>& body) {
    return explorer{name, how, body}.search();
}

exploration replay(std::string_view name, std::string_view seed_text, const options& how,
                   const std::function<void()>& body) {
    return explorer{name, how, body}.replay(seed::decode(seed_text));
}

std::string exploration::summary() const {
    std::string text = name + ": explored " + std::to_string(executions) + " executions, " +
                       (complete ? "complete" : "incomplete");
    text += ", up to " + bound_text("preemptions", preemptions, preemption_bound_reached);
    if (stale_bound_reached) {
        text += ", stale reads bounded (more would show more)";
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
