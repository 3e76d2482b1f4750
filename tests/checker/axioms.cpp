// SPDX-License-Identifier: BSL-1.0
#include "checker/axioms.hpp"

#include <cassert>
#include <cstdint>

namespace admit::model {

namespace {

/// One event of a candidate execution: a step of a thread, or an initial value.
struct action {
    const instruction* step;  // null: an initial value
    std::size_t thread;
    std::size_t location;
    int read = 0;
    int written = 0;
    std::size_t source = 0;  // the action that a read reads from

    [[nodiscard]] bool initial() const { return step == nullptr; }
    [[nodiscard]] bool reads() const { return !initial() && step->kind != instruction::store; }
    [[nodiscard]] bool writes() const { return initial() || step->kind != instruction::load; }
    [[nodiscard]] bool modifies() const { return reads() && writes(); }
    [[nodiscard]] std::memory_order order() const {
        return initial()   ? relaxed
               : !writes() ? order_for_load(step->order)
               : !reads()  ? order_for_store(step->order)
                           : step->order;
    }
    [[nodiscard]] bool sequential() const { return order() == seq_cst; }
    [[nodiscard]] bool releases() const {
        return writes() && (order() == release || order() == acq_rel || sequential());
    }
    [[nodiscard]] bool acquires() const {
        return reads() && (order() == acquire || order() == acq_rel || sequential());
    }
};

/// A relation between actions, as a matrix.
class relation {
public:
    explicit relation(std::size_t size) : rows_(size) { assert(size <= 32); }

    void add(std::size_t from, std::size_t to) { rows_[from] |= bit(to); }
    [[nodiscard]] bool has(std::size_t from, std::size_t to) const {
        return (rows_[from] & bit(to)) != 0;
    }
    void close_transitively() {
        for (std::size_t middle = 0; middle < rows_.size(); ++middle) {
            for (auto& row : rows_) {
                row |= (row & bit(middle)) != 0 ? rows_[middle] : 0;
            }
        }
    }

private:
    static std::uint32_t bit(std::size_t i) { return std::uint32_t{1} << i; }

    std::vector<std::uint32_t> rows_;
};

/// Enumerates the candidate executions of a program, and keeps the outcomes of those allowed.
class enumeration {
public:
    explicit enumeration(const program& tested)
        : program_(tested), position_(tested.size()), read_(tested.size()) {
        for (std::size_t location = 0; location < program_locations; ++location) {
            actions_.push_back({nullptr, tested.size(), location});
        }
    }

    std::set<std::vector<int>> run() {
        next_action();
        return outcomes_;
    }

private:
    void next_action() {
        bool ended = true;
        for (std::size_t thread = 0; thread < program_.size(); ++thread) {
            if (position_[thread] == program_[thread].size()) {
                continue;
            }
            ended = false;
            const instruction& step = program_[thread][position_[thread]++];
            actions_.push_back({&step, thread, step.location, 0, step.value});
            choose_source();
            actions_.pop_back();
            --position_[thread];
        }
        if (ended && allowed()) {
            add_outcome();
        }
    }

    void choose_source() {
        const std::size_t last = actions_.size() - 1;
        if (!actions_[last].reads()) {
            next_action();
            return;
        }
        for (std::size_t source = 0; source < last; ++source) {
            if (!actions_[source].writes() ||
                actions_[source].location != actions_[last].location) {
                continue;
            }
            action& reader = actions_[last];
            reader.source = source;
            reader.read = actions_[source].written;
            reader.written = reader.read + reader.step->value;
            next_action();
        }
    }

    /// The modification order is the order of execution, which is the order of indices.
    [[nodiscard]] bool modification_before(std::size_t a, std::size_t b) const {
        return a < b && actions_[a].location == actions_[b].location && actions_[a].writes() &&
               actions_[b].writes();
    }

    [[nodiscard]] bool allowed() const {
        const relation coherence = coherence_order();
        const relation happens = happens_before();
        for (std::size_t a = 0; a < actions_.size(); ++a) {
            if (coherence.has(a, a) || happens.has(a, a)) {
                return false;
            }
            for (std::size_t b = 0; b < actions_.size(); ++b) {
                const bool in_s_before =
                    actions_[a].sequential() && actions_[b].sequential() && a < b;
                if ((happens.has(a, b) || in_s_before) && coherence.has(b, a)) {
                    return false;
                }
            }
        }
        return modifications_are_atomic();
    }

    [[nodiscard]] bool modifications_are_atomic() const {
        for (std::size_t a = 0; a < actions_.size(); ++a) {
            for (std::size_t between = 0; actions_[a].modifies() && between < a; ++between) {
                if (modification_before(actions_[a].source, between) &&
                    modification_before(between, a)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// "Coherence-ordered before": reads-from, modification order, from-reads.
    [[nodiscard]] relation coherence_order() const {
        relation result{actions_.size()};
        for (std::size_t a = 0; a < actions_.size(); ++a) {
            if (actions_[a].reads()) {
                result.add(actions_[a].source, a);
            }
            for (std::size_t b = 0; b < actions_.size(); ++b) {
                if (modification_before(a, b) ||
                    (a != b && actions_[a].reads() && modification_before(actions_[a].source, b))) {
                    result.add(a, b);
                }
            }
        }
        result.close_transitively();
        return result;
    }

    [[nodiscard]] relation happens_before() const {
        relation result{actions_.size()};
        for (std::size_t b = 0; b < actions_.size(); ++b) {
            for (std::size_t a = 0; a < b; ++a) {
                if ((actions_[a].initial() && !actions_[b].initial()) ||
                    actions_[a].thread == actions_[b].thread) {
                    result.add(a, b);
                }
            }
            if (actions_[b].acquires()) {
                add_synchronization(result, b);
            }
        }
        result.close_transitively();
        return result;
    }

    /// From each release operation, if its release sequence contains what `reader` reads.
    void add_synchronization(relation& result, std::size_t reader) const {
        std::size_t member = actions_[reader].source;
        for (;;) {
            if (actions_[member].releases()) {
                result.add(member, reader);
            }
            if (!actions_[member].modifies()) {
                return;
            }
            member = actions_[member].source;
        }
    }

    void add_outcome() {
        for (auto& values : read_) {
            values.clear();
        }
        std::vector<int> last(program_locations);
        for (const action& a : actions_) {
            if (!a.initial()) {
                read_[a.thread].push_back(a.reads() ? a.read : 0);
            }
            if (a.writes()) {
                last[a.location] = a.written;
            }
        }
        std::vector<int> outcome;
        for (const auto& values : read_) {
            outcome.insert(outcome.end(), values.begin(), values.end());
        }
        outcome.insert(outcome.end(), last.begin(), last.end());
        outcomes_.insert(outcome);
    }

    const program& program_;
    std::vector<std::size_t> position_;
    std::vector<std::vector<int>> read_;
    std::vector<action> actions_;  // in order of execution
    std::set<std::vector<int>> outcomes_;
};

}  // namespace

std::set<std::vector<int>> outcomes_by_axioms(const program& tested) {
    return enumeration{tested}.run();
}

}  // namespace admit::model
