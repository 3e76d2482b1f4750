#include "checker/axioms.hpp"

#include <cstdint>

namespace admit::model {

namespace {

struct action {
    const instruction* step;  // null: initial value
    std::size_t thread;
    std::size_t location;
    int read = 0;
    int written = 0;
    std::size_t source = 0;  // which action a read reads from

    [[nodiscard]] bool initial() const { return step == nullptr; }
    [[nodiscard]] bool reads() const { return !initial() && step->what != instruction::store; }
    [[nodiscard]] bool writes() const { return initial() || step->what != instruction::load; }
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
    explicit relation(std::size_t size) : rows_(size) {}

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

class enumeration {
public:
    explicit enumeration(const program& of) : program_(of), position_(of.size()), read_(of.size()) {
        for (std::size_t location = 0; location < program_locations; ++location) {
            actions_.push_back({nullptr, of.size(), location});
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
            keep_outcome();
        }
    }

    void choose_source() {
        const std::size_t self = actions_.size() - 1;
        if (!actions_[self].reads()) {
            next_action();
            return;
        }
        for (std::size_t source = 0; source < self; ++source) {
            if (!actions_[source].writes() ||
                actions_[source].location != actions_[self].location) {
                continue;
            }
            action& reader = actions_[self];
            reader.source = source;
            reader.read = actions_[source].written;
            reader.written = reader.read + reader.step->value;
            next_action();
        }
    }

    /// Modification order is the order of execution, which is the order of indices.
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
        relation made{actions_.size()};
        for (std::size_t a = 0; a < actions_.size(); ++a) {
            if (actions_[a].reads()) {
                made.add(actions_[a].source, a);
            }
            for (std::size_t b = 0; b < actions_.size(); ++b) {
                if (modification_before(a, b) ||
                    (a != b && actions_[a].reads() && modification_before(actions_[a].source, b))) {
                    made.add(a, b);
                }
            }
        }
        made.close_transitively();
        return made;
    }

    [[nodiscard]] relation happens_before() const {
        relation made{actions_.size()};
        for (std::size_t b = 0; b < actions_.size(); ++b) {
            for (std::size_t a = 0; a < b; ++a) {
                if ((actions_[a].initial() && !actions_[b].initial()) ||
                    actions_[a].thread == actions_[b].thread) {
                    made.add(a, b);
                }
            }
            if (actions_[b].acquires()) {
                add_synchronization(made, b);
            }
        }
        made.close_transitively();
        return made;
    }

    /// From every release operation whose release sequence contains what `reader` reads.
    void add_synchronization(relation& made, std::size_t reader) const {
        std::size_t member = actions_[reader].source;
        for (;;) {
            if (actions_[member].releases()) {
                made.add(member, reader);
            }
            if (!actions_[member].modifies()) {
                return;
            }
            member = actions_[member].source;
        }
    }

    void keep_outcome() {
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

std::set<std::vector<int>> outcomes_by_axioms(const program& of) { return enumeration{of}.run(); }

}  // namespace admit::model
