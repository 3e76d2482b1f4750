// SPDX-License-Identifier: BSL-1.0
#include "configurations.hpp"

namespace fleet_model {
namespace {

template <class Change>
configuration changed(configuration c, const char* name, Change change) {
    c.name = name;
    change(c);
    return c;
}

/// Two members that stay: for faults with many states of their own.
configuration short_lease() {
    configuration c = two_members();
    c.name = "two members, a short lease";
    c.faults.leaves = false;
    c.lease = 1;
    return c;
}

configuration long_conversations() {
    return changed(short_lease(), "conversations outlive the lease", [](configuration& c) {
        c.lease = 2;
        c.longest = 1;
    });
}

configuration restarting() {
    return changed(short_lease(), "Redis restarts empty", [](configuration& c) {
        c.faults.restarts = 1;
        c.lease = 2;
    });
}

configuration restarting_twice() {
    return changed(restarting(), "two restarts", [](configuration& c) { c.faults.restarts = 2; });
}

configuration restarting_long() {
    return changed(restarting(), "restart, long conversations",
                   [](configuration& c) { c.lease = c.longest = 1; });
}

configuration splitting() {
    return changed(short_lease(), "failover, the old primary goes on", [](configuration& c) {
        c.faults.failovers = 1;
        c.faults.split = true;
    });
}

/// Answers count at once, and the copy lags: a failover, or a restart from old data on disk.
configuration lagging() {
    return changed(short_lease(), "failover that loses a suffix", [](configuration& c) {
        c.faults.failovers = 1;
        c.rules.waits_for_replicas = false;
    });
}

configuration one_name() {
    return changed(short_lease(), "two processes of one name",
                   [](configuration& c) { c.names[1] = 0; });
}

configuration one_name_restarting() {
    return changed(one_name(), "one name, Redis restarts",
                   [](configuration& c) { c.faults.restarts = 1; });
}

configuration one_name_any_share() {
    return changed(one_name(), "one name, any share", [](configuration& c) { c.any_share = true; });
}

configuration one_name_long() {
    return changed(one_name(), "one name, long conversations",
                   [](configuration& c) { c.longest = 1; });
}

configuration safe_policy() {
    return changed(short_lease(), "policy safe_capacity", [](configuration& c) {
        c.limit = 3;
        c.safe = 1;
    });
}

configuration looking_twice() {
    return changed(short_lease(), "starts in two looks",
                   [](configuration& c) { c.two_looks = true; });
}

configuration suspended() {
    return changed(short_lease(), "suspended and crashing processes",
                   [](configuration& c) { c.faults.pause = c.faults.crash = true; });
}

configuration lowering() {
    return changed(short_lease(), "set_limit lowers and raises",
                   [](configuration& c) { c.faults.lowerings = 1; });
}

configuration any_share() {
    return changed(short_lease(), "any share that there is room for", [](configuration& c) {
        c.any_share = true;
        c.wants_vary = true;
    });
}

configuration three_messages() {
    return changed(short_lease(), "three messages in flight",
                   [](configuration& c) { c.messages = 3; });
}

configuration limit_of_four() {
    return changed(short_lease(), "limit 4, a lease of 3", [](configuration& c) {
        c.limit = 4;
        c.lease = 3;
    });
}

configuration three_members() {
    return changed(short_lease(), "three members", [](configuration& c) { c.processes = 3; });
}

}  // namespace

configuration two_members() {
    configuration c;
    c.name = "two members, leaving and joining";
    c.wants_vary = false;
    // A suspended or crashed process is one that takes no step: see "suspended and crashing".
    c.faults.pause = c.faults.crash = false;
    return c;
}

namespace {

configuration recovering(configuration c) {
    c.name = "recovery: " + c.name;
    c.recovery = true;
    c.faults.crash = true;
    return c;
}

}  // namespace

std::vector<configuration> usual() {
    return {two_members(),
            suspended(),
            long_conversations(),
            looking_twice(),
            lowering(),
            any_share(),
            safe_policy(),
            one_name(),
            one_name_restarting(),
            restarting(),
            restarting_long(),
            one_name_long(),
            one_name_any_share(),
            recovering(short_lease()),
            recovering(lowering()),
            recovering(one_name()),
            recovering(one_name_restarting()),
            three_messages(),
            limit_of_four(),
            three_members(),
            lagging(),
            splitting()};
}

std::vector<configuration> deep() {
    return {
        changed(two_members(), "three messages, leaving and joining",
                [](configuration& c) { c.messages = 3; }),
        changed(restarting_long(), "two restarts, leaving and joining",
                [](configuration& c) {
                    c.faults.restarts = 2;
                    c.faults.leaves = true;
                }),
        changed(one_name_restarting(), "one name, restart, long conversations",
                [](configuration& c) {
                    c.lease = 2;
                    c.longest = 1;
                }),
        changed(three_members(), "three members, a lease of 2",
                [](configuration& c) { c.lease = 2; }),
    };
}

std::vector<planted> planted_faults() {
    const auto without = [](configuration c, bool rules::*rule) {
        c.rules.*rule = false;
        return c;
    };
    return {
        {"lower first, report second", without(two_members(), &rules::lowers_before_it_reports)},
        {"the lease counts from the sending", without(two_members(), &rules::lease_from_sending)},
        {"the margin", without(two_members(), &rules::margin)},
        {"only the latest answer counts, once", without(two_members(), &rules::only_latest_answer)},
        {"a second look after the start",
         without(looking_twice(), &rules::looks_again_after_start)},
        {"a clock that runs while suspended",
         without(suspended(), &rules::clock_runs_in_suspension)},
        {"a member leaves when nothing is active",
         without(two_members(), &rules::leaves_when_idle)},
        {"safe_capacity is set aside", without(safe_policy(), &rules::safe_capacity_set_aside)},
        {"an observation counts from its receipt",
         without(two_members(), &rules::observed_from_receipt)},
        {"a removal compares renewal numbers", without(two_members(), &rules::removal_compares)},
        {"evidence is of one term", without(restarting_twice(), &rules::evidence_of_one_term)},
        {"Redis's clock decides nothing", without(two_members(), &rules::redis_clock_unused)},
        {"gone counts the longest conversation",
         without(long_conversations(), &rules::gone_counts_longest)},
        {"the whole block is kept until gone",
         without(long_conversations(), &rules::whole_block_until_gone)},
        {"request numbers", without(two_members(), &rules::request_numbers)},
        {"a request number is used once", without(two_members(), &rules::number_must_grow)},
        {"what is gone is removed", without(recovering(short_lease()), &rules::gone_is_removed)},
        {"a grant needs room", without(two_members(), &rules::room_is_checked)},
        {"a record keeps what is still held",
         without(two_members(), &rules::record_keeps_what_is_held)},
        {"a claim is bounded by its record", without(two_members(), &rules::claim_is_bounded)},
        {"fences", without(one_name(), &rules::fence)},
        {"a successor waits for its predecessor's lease",
         without(one_name_any_share(), &rules::successor_waits)},
        {"a join starts with nothing", without(one_name_long(), &rules::join_starts_with_nothing)},
        {"learning", without(restarting(), &rules::learning)},
        {"learning counts the longest conversation",
         without(restarting_long(), &rules::learning_counts_longest)},
        {"learning grants nothing", without(restarting(), &rules::learning_grants_nothing)},
        {"a confirmation raises nothing", without(restarting(), &rules::confirmed_raises_nothing)},
        {"a grant waits for the replicas", without(splitting(), &rules::waits_for_replicas)},
        {"each promotion is a term of its own",
         without(lagging(), &rules::term_is_of_each_promotion)},
    };
}

}  // namespace fleet_model
