# SPDX-License-Identifier: BSL-1.0
"""The mutants that are written by hand, and why those that survive may.

Each old text has to occur exactly once in its file, so that the table cannot go stale. Memory
orders are not here but in orders.py, which finds them; only the reasons of survivors are below.
"""

from dataclasses import dataclass


@dataclass
class Structural:
    id: str
    path: str
    changes: list  # pairs of old and new text
    detail: str = ''
    explained: str = ''


STRUCTURAL = []


def mutant(name, path, *changes, detail='', explained=''):
    pairs = list(zip(changes[::2], changes[1::2]))
    STRUCTURAL.append(Structural(f'{path}: {name}', f'src/{path}', pairs, detail, explained))


# Files of src.
INSTALL = 'base/get_or_install.hpp'
STACK = 'base/index_stack.hpp'
UPDATE = 'base/update.hpp'
ACTIVITY = 'conversation/activity.hpp'
CONVERSATION = 'conversation/conversation_word.hpp'
DRAINING = 'engine/draining.cpp'
INSPECTION = 'engine/inspection.cpp'
SHUTDOWN = 'engine/shutdown.cpp'
ENDING = 'lifecycle/ending.hpp'
EXPIRY = 'lifecycle/expiry.cpp'
STARTING = 'lifecycle/starting.hpp'
RETRYING = 'lifecycle/retry_schedule.hpp'
SUPERVISION = 'lifecycle/supervision.cpp'
TOUCHING = 'lifecycle/touching.hpp'
CAPACITY = 'slots/capacity.hpp'
SEARCH = 'slots/free_search.hpp'
GATE = 'slots/gate.hpp'
GROUPS = 'slots/group_table.hpp'
OWED = 'slots/owed_slots.hpp'
GROUP = 'slots/slot_group.hpp'
POOL = 'slots/slot_pool.hpp'
SLOT_WORD = 'slots/slot_word.hpp'
SUMMARY = 'slots/summary.hpp'
REGISTRY = 'state/engine_registry.hpp'
LIFETIME = 'state/lifetime_count.hpp'
SETTINGS = 'state/settings.hpp'
HOME = 'users/home_word.hpp'
LANE = 'users/lane.hpp'
USER_COUNTS = 'users/user_counts.hpp'
USER_TABLE = 'users/user_table.hpp'
CELLS = 'waiting/cell_pool.hpp'
COMBINER = 'waiting/combiner.hpp'
FAIR_QUEUE = 'waiting/fair_queue.hpp'
GRANTING = 'waiting/granting.hpp'
PASS = 'waiting/pass.hpp'
SERVING = 'waiting/serving.hpp'
WAIT_WORD = 'waiting/wait_word.hpp'
ROOM = 'waiting/waiting_room.cpp'

# --- The gate -----------------------------------------------------------------------------------


mutant('a proposal of full without a new version', GATE,
       '(seen + version_one) | proposed_bit;', 'seen | proposed_bit;')
mutant('full is confirmed although the proposal has changed', GATE,
       '''        return bits_.compare_exchange_strong(seen, full, memory_order_seq_cst,
                                             memory_order_relaxed);
''', '''        bits_.fetch_or(full & full_mask, memory_order_seq_cst);
        static_cast<void>(seen);
        return true;
''')
mutant('a giver reopens a full gate only, not a proposed one', GATE,
       '{ return seen & ~full_mask; }',
       '{ return (seen & full_mask) == full_bit ? seen & ~full_mask : seen; }')
mutant('full is proposed again while a proposal is pending', GATE,
       'return (seen & full_mask) != 0 ? seen', 'return (seen & full_mask) == full_bit ? seen',
       detail='a second proposer makes the first one fail',
       explained='The answer stays right and only takes longer. Proposers that replace each other for '
                 'ever need preemptions without end, which the bound leaves out.')
mutant('the version is reset for the next engine', GATE,
       'bits_.fetch_and(~(closed_bit | full_mask), memory_order_seq_cst);',
       'bits_.fetch_and(height_mask, memory_order_seq_cst);',
       explained='No thread confirms across a change of engine: admissions have returned by then. A '
                 'late giver only opens the gate.')
mutant("the summary's height goes down again", GATE,
       'return snapshot{seen}.height() >= height ? seen : (seen', 'return (seen',
       explained='The top is then wider than it is meant to be, and all of it is looked at. A '
                 'level that comes into use again is opened again.')
mutant('a failed update is retried without a new decision', UPDATE,
       'do result.after = next(result.before);', 'result.after = next(result.before);',
       'success, failure));', 'success, failure)) {}')

mutant('full is confirmed without a second look', SEARCH,
       'if (!looks_empty(height, i)) return false;', 'static_cast<void>(i);')
mutant('the second look comes before the proposal of full', SEARCH,
       '''        const gate::snapshot proposal = gate_.propose_full();
        step("gate.proposed");
        if (proposal.full()) return true;
        const unsigned height = proposal.height();
        const unsigned width = top_width(height);
        for (unsigned i = 0; i < width; ++i)
            if (!looks_empty(height, i)) return false;
''', '''        const unsigned height = gate_.read().height();
        const unsigned width = top_width(height);
        for (unsigned i = 0; i < width; ++i)
            if (!looks_empty(height, i)) return false;
        const gate::snapshot proposal = gate_.propose_full();
        step("gate.proposed");
        if (proposal.full()) return true;
''')
mutant("another thread's proposal is taken for full", SEARCH,
       'if (proposal.full()) return true;', 'if (proposal.room_denied()) return true;')
mutant('the search reports full although the confirmation failed', SEARCH,
       'return gate_.confirm_full(proposal);', 'return gate_.confirm_full(proposal), true;',
       explained='At the sizes of the model one load is the whole second look, so there was such '
                 'an instant. With a wider top, looks are not one instant: only the confirmation '
                 'says so.')
mutant('a giver does not look at the gate', POOL,
       'if (seen.room_denied()) gate_.reopen();\n', '')
mutant('a giver reopens the gate only when it is full', POOL,
       'if (seen.room_denied()) gate_.reopen();', 'if (seen.full()) gate_.reopen();')
mutant('a giver reads the gate before it opens the summary, not after', SEARCH,
       'const gate::snapshot last = gate_.read();', 'const gate::snapshot last = seen;')
mutant('a giver reads the gate before it gives the slot', POOL,
       '''            if (word.give(slot.bit()) == slot_word::duty::unpin_engine)
                return given::unpin_engine;
            step("pool.given");
            const gate::snapshot seen = announce(*slot.group);
''', '''            const gate::snapshot seen = announce(*slot.group);
            if (word.give(slot.bit()) == slot_word::duty::unpin_engine)
                return given::unpin_engine;
            step("pool.given");
''')

# --- The summary --------------------------------------------------------------------------------


mutant('a proposal of empty without a new version', SUMMARY,
       'node.with(child, proposed) + version_one', 'node.with(child, proposed)')
mutant('empty is confirmed although the proposal has changed', SUMMARY,
       '''        std::uint64_t seen = proposal.bits;
        const std::uint64_t wanted = proposal.with(child, empty);
''', '''        std::uint64_t seen = bits_.load(memory_order_seq_cst);
        const std::uint64_t wanted = snapshot{seen}.with(child, empty);
        static_cast<void>(proposal);
''')
mutant('a giver reopens an empty child only, not a proposed one', SUMMARY,
       'return snapshot{seen}.with(child, open);',
       'return snapshot{seen}.is_empty(child) ? snapshot{seen}.with(child, open) : seen;')
mutant('a new level starts with every child empty', SUMMARY,
       '(seen & ~children_mask) | all_open', 'seen & ~children_mask')
mutant('a new level keeps the old states of its children', SUMMARY,
       '(seen & ~children_mask) | all_open', 'seen')
mutant('a reopening is given up when another thread changes the node', SUMMARY,
       '''        update(bits_, memory_order_seq_cst, memory_order_seq_cst,
               [=](std::uint64_t seen) { return snapshot{seen}.with(child, open); });
''', '''        snapshot seen = read();
        if (seen.state(child) != open)
            bits_.compare_exchange_weak(seen.bits, seen.with(child, open), memory_order_seq_cst,
                                        memory_order_seq_cst);
''')
mutant('a node is empty when the lower half of its children is', SUMMARY,
       'return (bits & children_mask) == 0;', 'return (bits & 3) == 0;')
mutant('a proposed child passes for empty', SUMMARY,
       'return state(child) == empty; }', 'return state(child) != open; }')

mutant('empty is confirmed without a second look', SEARCH,
       'if (proposal.is_empty(child) || !looks_empty(level, index)) return;',
       'if (proposal.is_empty(child)) return;')
mutant('the second look comes before the proposal of empty', SEARCH,
       '''        const summary_word::snapshot proposal = node.propose_empty(child);
        step("summary.proposed");
        if (proposal.is_empty(child) || !looks_empty(level, index)) return;
''', '''        if (!looks_empty(level, index)) return;
        const summary_word::snapshot proposal = node.propose_empty(child);
        step("summary.proposed");
        if (proposal.is_empty(child)) return;
''')
mutant('a giver does not open the summary', SEARCH,
       'summary_.node(level, index / fan_out).reopen(index % fan_out);',
       'static_cast<void>(index);')
mutant('a giver opens the lowest level only', SEARCH,
       'for (unsigned level = 1; level <= seen.height(); ++level, index /= fan_out)',
       'for (unsigned level = 1; level <= seen.height() && level < 2; ++level, index /= fan_out)')
mutant('a giver opens the summary from the top down', SEARCH,
       '''            for (unsigned level = 1; level <= seen.height(); ++level, index /= fan_out)
                summary_.node(level, index / fan_out).reopen(index % fan_out);
''', '''            for (unsigned level = seen.height(); level >= 1; --level) {
                const unsigned child = ancestor(index, level - 1);
                summary_.node(level, child / fan_out).reopen(child % fan_out);
            }
''')
mutant('a giver does not check whether the summary has grown', SEARCH,
       'if (last.height() == seen.height()) return last;', 'return last;')
mutant('new levels of the summary are not opened', SEARCH,
       'for (summary_word& node : summary_.level(level)) node.reopen_all();',
       'static_cast<void>(level);')
mutant('the summary is raised before its new levels are open', SEARCH,
       '''        for (unsigned level = gate_.read().height() + 1; level <= height; ++level)
            for (summary_word& node : summary_.level(level)) node.reopen_all();
        gate_.raise_summary(height);
''', '''        const unsigned from = gate_.read().height() + 1;
        gate_.raise_summary(height);
        for (unsigned level = from; level <= height; ++level)
            for (summary_word& node : summary_.level(level)) node.reopen_all();
''')

# --- Excess, enabling and disabling, growing ----------------------------------------------------

mutant('a giver does not read the excess after giving', POOL,
       'return capacity_.read().excess() > 0 || owed_.any();', 'return owed_.any();')
mutant('a giver reads the excess before it reopens the gate', POOL,
       '''            const gate::snapshot seen = announce(*slot.group);
            if (!is_claimed()) return''', '''            const gate::snapshot seen = announce(*slot.group);
            const bool excess = capacity_.read().excess() > 0;
            if (seen.room_denied()) gate_.reopen();
            if (!excess && !owed_.any()) return''',
       '        if (seen.room_denied()) gate_.reopen();\n        return seen;', '        return seen;',
       explained='The thread that lowers the limit looks for free slots afterwards, and a giver reads '
                 'the excess afterwards. One of both sees the other in either state of the gate.')
mutant('a giver does not read the excess before giving', POOL,
       'if (capacity_.shrink_one()) return disable(slot);\n', '')
mutant('a giver disables a slot that it has not taken again', POOL,
       'if (!word.take(slot.bit())) return given::done;\n        }',
       'if (capacity_.shrink_one()) word.disable(slot.bit());\n            return given::done;\n        }')
mutant('a slot is disabled although no excess was left', POOL,
       'capacity_.shrink_one()', 'capacity_.read().excess() > 0 && (capacity_.shrink_one(), true)')
mutant('a lowered limit disables no free slots', POOL,
       '        shrink(home, waiters);\n', '        static_cast<void>(home), static_cast<void>(waiters);\n')
mutant('a lowered limit disables one free slot at most', POOL,
       '            if (what == given::earmarked || what == given::closed) must_serve = true;\n        }\n',
       '            if (what == given::earmarked || what == given::closed) must_serve = true;\n'
       '            return capacity_.read().limit;\n        }\n')
mutant('a raised limit announces no slots', POOL,
       '        if (some) announce(group);', '        static_cast<void>(some);')
mutant('a slot is enabled without being counted', POOL,
       '(claimed || (claimed = capacity_.grow_one()))', '(claimed || capacity_.read().shortfall() > 0)')
mutant('a counted slot that its group has no place for is lost', POOL,
       'if (word.enable() == 0) break;',
       'if (word.enable() == 0) {\n                    claimed = false;\n                    break;\n                }')
mutant('shrinking does not report that its slot was earmarked', POOL,
       'if (what == given::earmarked || what == given::closed) must_serve = true;',
       'static_cast<void>(must_serve);')
mutant('a giver does not read the owed slots before giving', POOL,
       'if (owed_.any() && owed_.pay()) return given::earmarked;\n', '')
mutant('a giver does not read the owed slots after giving', POOL,
       'return capacity_.read().excess() > 0 || owed_.any();',
       'return capacity_.read().excess() > 0;')
mutant('a giver does not check whether the engine is closed', POOL,
       'return seen.closed() ? given::closed : given::done;', 'return given::done;')
mutant('disabling a slot does not check whether the engine is closed', POOL,
       'return gate_.read().closed() ? given::closed : given::done;', 'return given::done;')
mutant('an admission earmarks a slot that is not owed', STARTING,
       'if (!core.pool.owed().pay()) return slot;',
       'static_cast<void>(core.pool.owed().pay());',
       explained='A slot was owed within the call, and other threads have paid it since. The pass that '
                 'this call asks for gives the earmarked slot back. Until then the slot counts as '
                 'taken, which a pass may cause as well.')
mutant('a group is idle although slots of it are taken', POOL,
       '[](const slot_word& word) { return word.none_taken(); }',
       '[](const slot_word&) { return true; }')
mutant('a group is counted before it is there', GROUPS,
       'unsigned seen = number;'
       'count_.compare_exchange_strong(seen, number + 1, memory_order_seq_cst, memory_order_relaxed);', '',
       'get_or_install(page.groups[place], [&] {',
       '''unsigned seen = number;
        count_.compare_exchange_strong(seen, number + 1, memory_order_seq_cst, memory_order_relaxed);
        get_or_install(page.groups[place], [&] {''')
mutant('a group is counted twice by two growers', GROUPS,
       'count_.compare_exchange_strong(seen, number + 1, memory_order_seq_cst, memory_order_relaxed);',
       'static_cast<void>(seen), count_.fetch_add(1, memory_order_seq_cst);')
mutant("the second installer replaces the first one's object", INSTALL,
       '''    if (place.compare_exchange_strong(none, fresh.get(), memory_order_release,
                                      memory_order_acquire))
        return *fresh.release();
    return *none;
''', '''    place.store(none = fresh.release(), memory_order_release);
    return *none;
''')
mutant('full is certified over the groups that were known before the proposal', SEARCH,
       '''        step("gate.proposed");
        if (proposal.full()) return true;
        const unsigned height = proposal.height();
        const unsigned width = top_width(height);
''', '''        step("gate.proposed");
        if (proposal.full()) return true;
        const unsigned height = proposal.height();
''',
       '''    bool certify() noexcept {
''', '''    bool certify() noexcept {
        const unsigned width = top_width(gate_.read().height());
''',
       explained="With the model's one word at the top its width is always 1.")

# --- The words of the slots ---------------------------------------------------------------------


mutant('a disabled slot is given without unpinning the engine', SLOT_WORD,
       'return (disabled_in(before) & slot) != 0 ? duty::unpin_engine : duty::check_gate;',
       'static_cast<void>(before), static_cast<void>(slot);\n        return duty::check_gate;')
mutant('a slot is taken by a store', SLOT_WORD,
       '''\
            if (bits_.compare_exchange_weak(seen, seen & ~std::uint64_t{lowest},
                                            memory_order_acquire, memory_order_relaxed))
                return lowest;
''', '''            bits_.store(seen & ~std::uint64_t{lowest}, memory_order_release);
            return lowest;
''')
mutant('a given slot is taken again although it is not free', SLOT_WORD,
       '''        return bool{update(
            bits_, memory_order_acquire, memory_order_relaxed,
            [=](std::uint64_t seen) { return seen & ~std::uint64_t{free_in(seen) & slot}; })};
''', '''        update(bits_, memory_order_acquire, memory_order_relaxed,
               [=](std::uint64_t seen) { return seen & ~std::uint64_t{slot}; });
        return true;
''')
mutant('a given slot is taken again although the engine has gone', SLOT_WORD,
       'return seen & ~std::uint64_t{free_in(seen) & slot};',
       'return seen & ~std::uint64_t{slot};')
mutant('a slot is taken although the engine has gone', SLOT_WORD,
       'while (const slot_mask free = free_in(seen)) {',
       'while (const slot_mask free = static_cast<slot_mask>(seen)) {')
mutant('the taken slots are counted before all slots are disabled', SLOT_WORD,
       'const std::uint64_t seen = bits_.fetch_or(as_disabled(every_slot), memory_order_acq_rel);',
       '''const std::uint64_t seen = bits_.load(memory_order_acquire);
        bits_.fetch_or(as_disabled(every_slot), memory_order_acq_rel);''')
mutant('an enabled slot stays disabled', SLOT_WORD,
       '(seen & ~as_disabled(lowest)) | lowest;', 'seen | lowest;')

# --- Limits -------------------------------------------------------------------------------------


mutant('a limit is replaced together with an outdated count', CAPACITY,
       '.enabled = unpack(seen).enabled})', '.enabled = first})',
       'while (!bits_.compare_exchange_weak(',
       'const std::uint32_t first = unpack(seen).enabled;\n        while (!bits_.compare_exchange_weak(')
mutant('slots are counted off although there is no excess', CAPACITY,
       'return seen.excess() > 0;', 'return seen.enabled > 0;')
mutant('slots are counted although there is no shortfall', CAPACITY,
       'return seen.shortfall() > 0;', 'return seen.limit.total > 0;')

# --- Lanes --------------------------------------------------------------------------------------


mutant('the limit is not checked when a count is charged', LANE,
       'if (seen.count() >= limit) {', 'if (static_cast<void>(limit), false) {')
mutant('the limit is checked only before the first compare-and-swap', LANE,
       '''        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || tag() != user) return charged::not_here;
            if (seen.count() >= limit) {
''', '''        snapshot seen = read();
        for (bool first = true;; first = false) {
            if (seen.reserved() || tag() != user) return charged::not_here;
            if (first && seen.count() >= limit) {
''')
mutant('a lane is at its limit without a second look at the generation', LANE,
       '''                const snapshot again = read();
                if (again.generation() == seen.generation()) return charged::at_limit;
                seen = again;
                continue;
''', '                return charged::at_limit;\n')
mutant('a count is reported without a second look at the generation', LANE,
       'if (again.generation() == seen.generation()) return here ? seen : snapshot{};',
       'return here ? seen : snapshot{};')
mutant('the tag is read before the word', LANE,
       '''        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || tag() != user) return charged::not_here;
''', '''        const user_tag named = tag();
        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || named != user) return charged::not_here;
''')
mutant('the tag is not read again after a failed compare-and-swap', LANE,
       '''        snapshot seen = read();
        for (;;) {
            if (seen.reserved() || tag() != user) return charged::not_here;
''', '''        snapshot seen = read();
        const user_tag named = tag();
        for (;;) {
            if (seen.reserved() || named != user) return charged::not_here;
''')
mutant('a reserved lane is charged', LANE,
       'if (seen.reserved() || tag() != user) return charged::not_here;',
       'if (tag() != user) return charged::not_here;')
mutant('a reservation keeps the old generation', LANE,
       'generation = ((seen >> generation_shift) + 1) & last_generation;',
       'generation = (seen >> generation_shift) & last_generation;')
mutant('a lane that counts conversations is reserved', LANE,
       'if (snapshot{seen}.count() != 0) return false;',
       'if (snapshot{seen}.reserved()) return false;')
mutant('a lane is reserved by a store', LANE,
       '''        return bits_.compare_exchange_strong(seen, generation << generation_shift | reserved_bit | one(first),
                                             memory_order_acquire, memory_order_relaxed);
''', '''        bits_.store(generation << generation_shift | reserved_bit | one(first),
                    memory_order_release);
        return true;
''')
mutant('a lane is bound by a store', LANE,
       '''\
        bits_.compare_exchange_strong(seen.bits_, seen.bits_ - reserved_bit, memory_order_release,
                                      memory_order_relaxed);
''', '''        bits_.store(seen.bits_ - reserved_bit, memory_order_release);
''')
mutant('a released lane keeps its tag', LANE, '        set_tag(no_user);\n', '')
mutant('the tag is cleared after the lane was released', LANE,
       '''        set_tag(no_user);
        bits_.store(generation << generation_shift, memory_order_release);
''', '''        bits_.store(generation << generation_shift, memory_order_release);
        set_tag(no_user);
''')
mutant('the home word is replaced by a store', HOME,
       '''        return bits_.compare_exchange_strong(expected, pack(next), memory_order_release,
                                             memory_order_relaxed);
''', '''        static_cast<void>(expected);
        bits_.store(pack(next), memory_order_release);
        return true;
''')
mutant('home words are compared without their generation', HOME,
       '''        return bits_.compare_exchange_strong(expected, pack(next), memory_order_release,
                                             memory_order_relaxed);
''', '''        for (std::uint64_t now = expected; ((now ^ expected) & 0xffffff) == 0;)
            if (bits_.compare_exchange_strong(now, pack(next), memory_order_acq_rel,
                                              memory_order_acquire))
                return true;
        return false;
''')

# --- The table of users -------------------------------------------------------------------------

mutant('a binding is published without looking again', USER_TABLE,
       'if (!word.replace(seen, taken.binding)) continue;',
       '''if (!word.replace(seen, taken.binding)) {
                for (home_word::snapshot now = word.read(); !word.replace(now, taken.binding);)
                    now = word.read();
            }''')
mutant('lanes are looked at before the home word is read', USER_TABLE,
       '''            const home_word::snapshot seen = word.read();
            finish(home, seen);
            const finding found = look(home, seen.reach, user);
            step("users.looked");
''', '''            const finding found = look(home, max_distance(), user);
            const home_word::snapshot seen = word.read();
            finish(home, seen);
            step("users.looked");
''')
mutant('the binding that the home word names is not finished first', USER_TABLE,
       '''            finish(home, seen);
            const finding found = look(home, seen.reach, user);
            step("users.looked");
''', '''            const finding found = look(home, seen.reach, user);
            step("users.looked");
''')
mutant('a published binding is left for other threads to finish', USER_TABLE,
       '            finish(home, taken.binding);\n', '')
mutant('a count is reported without finishing the named binding', USER_TABLE,
       '''        const home_word::snapshot seen = buckets_[home].home.read();
        finish(home, seen);
''', '''        const home_word::snapshot seen = buckets_[home].home.read();
''',
       explained="The binder's call is still under way, so that a count without it is right as "
                 'well.')
mutant('an old table is closed without finishing the named binding', USER_TABLE,
       '''            home_word::snapshot seen = word.read();
            finish(home, seen);
''', '''            home_word::snapshot seen = word.read();
''')
mutant('a binding is finished without comparing generations', USER_TABLE,
       'if (now.reserved() && now.generation() == seen.generation) named.bind(now);',
       'if (now.reserved()) named.bind(now);')
mutant('a reserved lane passes for bound', USER_TABLE,
       '                if (each.read().reserved()) continue;\n', '')
mutant('the reach is not kept', USER_TABLE,
       'std::max(found.farthest,', 'std::max(0U,')
mutant('only the home bucket is looked at', USER_TABLE,
       'for (unsigned distance = 0; distance <= reach; ++distance)',
       'for (unsigned distance = 0; distance <= 0 * reach; ++distance)')
mutant('a needless reservation is kept', USER_TABLE,
       '.release();', '.held();')
mutant('a reservation in a closed home is kept', USER_TABLE,
       '.release(), result{', '.held(), result{',
       explained='The lane is in a table that binds no more users.')
mutant('a closed home binds', USER_TABLE,
       'if (seen.closed) return', 'if (false) return')
mutant('a home of the old table is not closed', USER_TABLE,
       '''                step("users.closed");
                continue;
''', '''                step("users.closed");
''',
       '                word.replace(seen, next);\n', '')
mutant('a home is closed and its state from before is used', USER_TABLE,
       '''                step("users.closed");
                continue;
''', '''                step("users.closed");
                seen = next;
''')
mutant('a user without conversations stays in the old table', USER_TABLE,
       '''            if (std::uint64_t generation = 0; found.where->reserve(generation)) {
                found.where->release(generation);
                continue;
            }
''', '',
       explained='Correct as well; users would never move on to the larger table.')
mutant('older tables are not searched', USER_COUNTS,
       'const result old = charge_older(newest->older(), user, limit, what, before);',
       'const result old{charge_status::not_here};')
mutant('older tables are searched from the newest to the oldest', USER_COUNTS,
       '''        const result older = charge_older(table->older(), user, limit, what, before);
        return older.what != charge_status::not_here ? older : table->charge_last(user, limit, what, before);
''', '''        const result last = table->charge_last(user, limit, what, before);
        return last.what != charge_status::not_here ? last : charge_older(table->older(), user, limit, what, before);
''',
       explained="Each table's home is closed for good before the next is looked at, so the order "
                 'does not matter.')
mutant('the newest table is searched before the older ones', USER_COUNTS,
       '''            const result old = charge_older(newest->older(), user, limit, what, before);
            if (old.what != charge_status::not_here) return old;
            const result now = newest->charge(user, limit, what, before);
            if (now.what != charge_status::closed) return now;
''', '''            const result now = newest->charge(user, limit, what, before);
            if (now.what != charge_status::closed) return now;
            const result old = charge_older(newest->older(), user, limit, what, before);
            if (old.what != charge_status::not_here) return old;
''')
mutant('a larger table is installed by a store', USER_COUNTS,
       '''\
            if (newest_.compare_exchange_strong(newest, larger.get(), memory_order_release,
                                                memory_order_acquire))
                newest = larger.release();
''', '''            newest = larger.release();
            newest_.store(newest, memory_order_release);
''')

# --- Conversations ------------------------------------------------------------------------------


mutant('a conversation is ended by a store', CONVERSATION,
       '''\
        return bits_.compare_exchange_strong(generation, generation + 1, memory_order_seq_cst,
                                             memory_order_relaxed);
''', '''        bits_.store(generation + 1, memory_order_release);
        return true;
''')
mutant('an ending ignores the generation', CONVERSATION,
       '''        if (bits_.load(memory_order_relaxed) != generation) return false;
''', '        generation = bits_.load(memory_order_relaxed);\n')
mutant('a conversation begins without a new generation', CONVERSATION,
       'const std::uint64_t begun = bits_.load(memory_order_relaxed) + 1;',
       'const std::uint64_t begun = bits_.load(memory_order_relaxed) | 1;',
       detail='the ending adds one as well, so this is the same number',
       explained='Equivalent: a slot that is taken has an even generation, so | 1 is + 1.')
mutant('an ending lowers the generation', CONVERSATION,
       'compare_exchange_strong(generation, generation + 1,',
       'compare_exchange_strong(generation, generation - 1,',
       detail='a generation comes back')
mutant('the generation of a timed conversation has the bit that makes it timed', CONVERSATION,
       'return begun & ~timed_bit;', 'return begun;')
mutant('a timed slot is timed for one conversation', CONVERSATION,
       '        after |= seen.bits_ & timed_bit;\n', '')
mutant('a length is recorded by each thread that ends', ENDING,
       '        if (!word.end(seen, kind.cut || told == status::drained, kind.overstayed)) continue;\n'
       '        step("end.won");',
       '        if (seen.timed()) record_length(slot, thread);\n'
       '        if (!word.end(seen, kind.cut || told == status::drained, kind.overstayed)) continue;\n'
       '        step("end.won");',
       '        if (seen.timed()) record_length(slot, thread);\n        return_resources',
       '        return_resources')
mutant('an activity is sealed by a store', ACTIVITY,
       'return replace(seen.last(), seal_value);',
       '''static_cast<void>(seen);
        last_.store(seal_value, memory_order_relaxed);
        return true;''')
mutant('a touch is a store', ACTIVITY,
       'return replace(seen.last(), now);',
       '''static_cast<void>(seen);
        last_.store(now, memory_order_relaxed);
        return true;''')
mutant('a touch reads the generation before the activity', TOUCHING,
       'if (!slot.record().conversation.read().active_as(generation)) return false;', '',
       'const activity::snapshot seen = slot.last_activity().read();',
       '''if (!slot.record().conversation.read().active_as(generation)) return false;
        step("touch.generation");
        const activity::snapshot seen = slot.last_activity().read();''')
mutant('a touch does not read the generation', TOUCHING,
       '        if (!slot.record().conversation.read().active_as(generation)) return false;\n',
       '')
mutant('a touch ignores the seal', TOUCHING,
       'if (seen.sealed()) break;\n', '')
mutant('a touch that finds the seal does not end the conversation', TOUCHING,
       '    end_if_unsupervised(slot, generation, now, thread);\n', '')
mutant('a touch ends a supervised conversation', TOUCHING,
       'end_if_unsupervised(slot, generation, now, thread);',
       'end(slot, generation, status::idle, thread);')
mutant('a touch moves the activity back', TOUCHING,
       'if (seen.last() >= now || slot.last_activity().advance(seen, now)) return true;',
       'if (slot.last_activity().advance(seen, now)) return true;')
mutant('the slot is taken before the user is charged', STARTING,
       'const auto [status, lane] = core.users.charge(user.tag, user_limit);',
       '''bool owed = false;
    const slot_ref early = take_unowed(core, thread, owed);
    if (!early) return {.slot = {}, .reason = errc::global_limit};
    const auto [status, lane] = core.users.charge(user.tag, user_limit);
    if (status != user_counts::charge_status::charged) core.pool.give(early);''',
       '= take_unowed(core, thread, must_serve);', '= early;')
mutant('the charge stays when no slot is free', STARTING,
       'lane->discharge().waiting() > 0', 'false')
mutant('blocked requests are not looked at after a failed admission', STARTING,
       'refresh_all(core);\n        must_serve = true;', 'static_cast<void>(core);')
mutant('a failed admission does not serve the requests that it blocked', STARTING,
       'refresh_all(core);\n        must_serve = true;', 'refresh_all(core);')
mutant('a failed admission looks at blocked requests only if none waits', STARTING,
       'lane->discharge().waiting() > 0', 'lane->discharge().waiting() == 0')
mutant('an admission that earmarked a slot does not serve', STARTING,
       'if (must_serve) serve(core, thread);\n    return result;', 'return result;')
mutant('an admission that shrinks and earmarks a slot does not serve', STARTING,
       'if (must_serve) serve(core, thread);\n    if (!limit)', 'if (!limit)')
mutant('giving a slot back to a closed engine does not serve', SERVING,
       'if (what == slot_pool::given::earmarked) core.pool.earmark(slot);\n'
       '    serve(core, thread);',
       'if (what == slot_pool::given::closed) return;\n'
       '    core.pool.earmark(slot);\n    serve(core, thread);')
mutant('an admission takes a slot that is owed', STARTING,
       'if (!slot || !core.pool.owed().any()) return slot;', 'return slot;')
mutant("a rejection by the user's limit does not check whether the engine is full", STARTING,
       'core.pool.any_free(thread.home) ?', 'true ?')
mutant('the clock is read before the slot is taken', STARTING,
       'core.now()', 'started',
       'step("start.charged");',
       'step("start.charged");\n    const nanos started = core.now();\n    step("start.clock");')
mutant('the conversation begins before its record is filled', GROUP,
       'return fields.conversation.begin();', 'return generation;',
       'slot_record& fields = record();',
       'slot_record& fields = record();\n'
       '        const std::uint64_t generation = fields.conversation.begin();')
mutant('the slot is given back before the count', ENDING,
       '''const bool waiters = user.discharge().waiting() > 0;
    step("end.discharged");
    if (waiters) [[unlikely]]
        return hand_over(slot, thread);
    give_back(slot, thread);''',
       '''give_back(slot, thread);
    step("end.given");
    if (user.discharge().waiting() > 0) serve(core, thread);''')
mutant('an ending makes its slot free although requests of its user wait', ENDING,
       'if (waiters) [[unlikely]]\n        return hand_over(slot, thread);',
       'static_cast<void>(waiters);')
mutant('an ending makes its slot free, and serves', ENDING,
       'return hand_over(slot, thread);', 'return give_back(slot, true, thread);')
mutant('a slot that was handed over is not served', SERVING,
       'core.pool.hand_over(slot);\n    serve(core, thread);', 'core.pool.hand_over(slot);')
mutant('an earmarked slot is not served', SERVING,
       'if (what == slot_pool::given::earmarked) core.pool.earmark(slot);',
       'if (what == slot_pool::given::earmarked) return core.pool.earmark(slot);')
mutant('an admission ignores that the engine is closed', STARTING,
       'if (seen.closed() || seen.full()) return 0;',
       'if (seen.full()) return 0;\n'
       '    if (seen.closed()) return reason = {}, core.pool.capacity().read().limit.per_user;')
mutant('an admission ignores that the limit is being lowered', STARTING,
       'const auto limit = core.pool.shrink(thread.home, must_serve);', '',
       'if (!limit) return 0;\n    reason = {};\n    return limit->per_user;',
       'reason = {};\n    return core.pool.capacity().read().limit.per_user;')
mutant('an admission through an open gate ignores the excess', STARTING,
       'if (in_force.excess() == 0) [[likely]]\n', '')
mutant("an admission reads the user's limit after the total limit", STARTING,
       'charge(user.tag, user_limit)',
       'charge(user.tag, core.pool.capacity().read().limit.per_user)')
mutant('a pin does not check whether the memory is pinned', LIFETIME,
       'seen != 0 ? 1 : 0', '1')
mutant('the engine is unpinned before the holders are counted', LIFETIME,
       'return change(others - engine);', 'return change(-engine) || change(others);')
mutant('a holder that unpins releases the memory at once', SERVING,
       'core.lifetime.unpin()', 'while (!core.lifetime.unpin()) {}')
mutant('expiry: slots that are being filled or emptied are ignored', EXPIRY,
       '            earliest_ = 0;\n', '')
mutant('expiry: the conversation after an ended one is ignored', EXPIRY,
       'if (end_and_notify(slot, generation, how, now, thread_)) ++ended;\n                return 0;',
       'if (end_and_notify(slot, generation, how, now, thread_)) ++ended;\n                return end_of_time;',
       explained='It only saves a look: the conversation was active within the sweep, so the next one '
                 'in the slot begins after the sweep began, and is not due before `later_`.')
mutant('expiry: conversations that begin later are ignored', EXPIRY,
       'earliest_ = later_;', 'earliest_ = end_of_time;')
mutant('expiry: a bound outlives the timeouts it was made with', EXPIRY,
       'return bits >> time_bits != version_of(timeouts) || (bits & max_units) <= to_units(now);',
       'return static_cast<void>(timeouts), (bits & max_units) <= to_units(now);')
mutant('expiry: the group is never due again', EXPIRY,
       '.store(due_bound::pack(timeouts_, earliest_),', '.store(due_bound::pack(timeouts_, end_of_time),')
mutant('expiry: an idle conversation is ended without a seal', EXPIRY,
       '} else if (activity.sealed() || slot.last_activity().seal(activity) ||\n'
       '                   slot.last_activity().read().sealed()) {',
       '} else {')
mutant('expiry: a conversation that another thread has sealed is skipped', EXPIRY,
       'activity.sealed() || slot.last_activity().seal(activity) ||\n'
       '                   slot.last_activity().read().sealed()',
       '!activity.sealed() && slot.last_activity().seal(activity)')
mutant('expiry: the activity is read before the generation', EXPIRY,
       '        const auto seen = slot.record().conversation.read();\n',
       '        const activity::snapshot activity = slot.last_activity().read();\n'
       '        const deadlines due = deadlines_of(slot, timeouts_);\n'
       '        const auto seen = slot.record().conversation.read();\n',
       '        const activity::snapshot activity = slot.last_activity().read();\n'
       '        const deadlines due = deadlines_of(slot, timeouts_);\n'
       '        if (is_later(', '        if (is_later(')
mutant('expiry: the activity is not compared with the start', 'lifecycle/expiry.hpp',
       'const nanos active = std::max(slot.last_activity().read().last(), started);',
       'const nanos active = slot.last_activity().read().last();',
       explained='It differs for sealed conversations only, and there only in the choice between two '
                 'true reasons.')

mutant('a listing does not read the generation again', INSPECTION,
       'return after.active_as(before.generation());', 'return static_cast<void>(after), true;')
mutant('a listing shows slots without a conversation', INSPECTION,
       '    if (!before.active()) return false;\n', '')
mutant('a count of conversations is not cut to what is enabled', INSPECTION,
       'return capped_to_enabled(core, static_cast<std::size_t>(taken));',
       'return static_cast<std::size_t>(taken);')
mutant('the starts of conversations are left to the next engine', POOL,
       'for (atomic<nanos>& started : group.started) started.store(0, memory_order_relaxed);\n', '')
mutant('the last activities are left to the next engine', POOL,
       'for (activity& last : group.last_activity) last.start(0);\n', '')
mutant('timeouts are read without a second look at the version', SETTINGS,
       'if (version_.load(memory_order_relaxed) == before) return read;', 'return read;')
mutant('timeouts are written without a new version before', SETTINGS,
       '''        version_.fetch_add(1, memory_order_acq_rel);
        idle_.store(idle, memory_order_release);
''', '        idle_.store(idle, memory_order_release);\n')
mutant('timeouts are written without a new version after', SETTINGS,
       '''        max_duration_.store(max_duration, memory_order_release);
        version_.fetch_add(1, memory_order_acq_rel);
''', '        max_duration_.store(max_duration, memory_order_release);\n')
mutant('two constructors take the same core', LIFETIME,
       '''\
        return count_.fetch_add(0, memory_order_acquire) == 0 &&
               count_.compare_exchange_strong(unused, engine, memory_order_acquire,
                                              memory_order_relaxed);
''', '''\
        const bool free = count_.fetch_add(0, memory_order_acquire) == unused;
        if (free) count_.store(engine, memory_order_relaxed);
        return free;
''')
mutant('a constructor takes a core that is used', LIFETIME,
       'return count_.fetch_add(0, memory_order_acquire) == 0 &&',
       'unused = count_.fetch_add(0, memory_order_acquire);\n        return')
mutant('a constructor looks for an unused core by a load, which may be stale', LIFETIME,
       'count_.fetch_add(0, memory_order_acquire) == 0', 'count_.load(memory_order_acquire) == 0')
mutant('a constructor passes a core that is unused', REGISTRY,
       'if (core.try_renew(timed)) return core;',
       'if (place != &first_ && core.try_renew(timed)) return core;')

# --- Waiting ------------------------------------------------------------------------------------



mutant('an owed slot is paid although none is owed', OWED,
       'seen - (unpack(seen).owed != 0 ? 1 : 0)', 'seen - 1')
mutant('every request makes a pass at once', COMBINER,
       'if (requests_.fetch_add(1, memory_order_acq_rel) != 0) return;',
       'requests_.fetch_add(1, memory_order_acq_rel);')
mutant('a request for a pass during a pass is lost', COMBINER,
       'if (requests_.compare_exchange_strong(seen, 0, memory_order_release, memory_order_acquire))\n'
       '                return;',
       'requests_.store(0, memory_order_release);\n            static_cast<void>(seen);\n'
       '            return;')
mutant('a stack without versions', STACK,
       'return ((head >> version_shift) + 1) << version_shift | thing;',
       'return (head >> version_shift) << version_shift | thing;')
mutant('two threads take all from a stack', STACK,
       '''        return top_of(update(head_, memory_order_acquire, memory_order_relaxed, [](auto seen) {
                          return top_of(seen) == none ? seen : with_top(seen, none);
                      }).before);
''', '''        const std::uint64_t seen = head_.load(memory_order_relaxed);
        if (top_of(seen) != none) head_.store(with_top(seen, none), memory_order_relaxed);
        return top_of(seen);
''')
mutant('a waiter is claimed by a store', WAIT_WORD,
       'return move(generation, waiting_state, claimed_state);',
       'bits_.store(generation << state_bits | claimed_state, memory_order_release);\n'
       '        return true;')
mutant('a claimed waiter is withdrawn', WAIT_WORD,
       '''        return move(generation, waiting_state, withdrawn_state);
''', '''        return move(generation, waiting_state, withdrawn_state) ||
               move(generation, claimed_state, withdrawn_state);
''')
mutant('a cell is used again under the same generation', WAIT_WORD,
       'bits_.store((seen.generation() + 1) << state_bits | idle_state,',
       'bits_.store(seen.generation() << state_bits | idle_state,')
mutant('a claimer does not see that the waiter has departed', WAIT_WORD,
       'return move(seen.generation(), claimed_state, waiting_state);',
       'bits_.store(seen.generation() << state_bits | waiting_state, memory_order_release);\n'
       '        return true;')


mutant('a settled waiter is taken after it was posted', WAIT_WORD,
       'return move(generation, settled_state, withdrawn_state);',
       'return move(generation, settled_state, withdrawn_state) ||\n'
       '               move(generation, posting_state, withdrawn_state);')
mutant('two threads post a settled waiter', WAIT_WORD,
       'return move(seen.generation(), settled_state, posting_state);',
       'return move(seen.generation(), settled_state, posting_state) ||\n'
       '               seen.state() == posting_state;',
       explained='Only the thread that has popped a cell posts it, so no other thread calls this.')
mutant('a settled waiter that was taken is posted', WAIT_WORD,
       'return move(seen.generation(), settled_state, posting_state);',
       'move(seen.generation(), settled_state, posting_state);\n        return true;')

mutant('a request that waits does not count on its lane', LANE,
       'return active() + waiting();', 'return active();')
mutant('a lane with waiting requests is taken for another user', LANE,
       'snapshot{seen}.count() != 0', 'snapshot{seen}.active() != 0')
mutant('a request goes on to count after it has waited', LANE,
       'bits_.fetch_sub(one(counted::request), memory_order_relaxed)', 'bits_.load(memory_order_relaxed)')
mutant("a grant exceeds its user's limit", LANE,
       'snapshot{seen}.active() < limit ? 1 : 0', 'snapshot{seen}.active() <= limit ? 1 : 0')
mutant('a grant counts the requests that wait against its limit', LANE,
       'snapshot{seen}.active() < limit ? 1 : 0', 'snapshot{seen}.count() < limit ? 1 : 0')
mutant('a grant does not count its conversation', LANE,
       'snapshot{seen}.active() < limit ? 1 : 0', 'snapshot{seen}.active() < limit ? 0 : 0')

mutant('a request waits in a closed engine', ROOM,
       'if (core.pool.gate().read().closed()) return errc::shutting_down;', '',
       explained='The next pass finds the engine closed, and rejects all requests.')
mutant('the total of waiting requests is only looked at before', ROOM,
       'seen + (seen < limits.total ? 1 : 0)', 'seen + 1')
mutant('a request that was rejected keeps its place in the total', ROOM,
       'waiting_.fetch_sub(1, memory_order_relaxed);\n        return reason;', 'return reason;')
mutant('a settled waiter is read after it was taken', 'waiting/waiting_room.hpp',
       'return cell.word.take(handle.generation) ? waiter : nullptr;',
       'static_cast<void>(waiter);\n        '
       'return cell.word.take(handle.generation) ? cell.occupant() : nullptr;')
mutant('a request that was rejected, or is not mirrored, counts on its lane', ROOM,
       'if (!mirrored) user.where->end_waiting();', '')
mutant('a request counts as a conversation', ROOM,
       'lane::no_limit, lane::counted::request,', 'lane::no_limit, lane::counted::conversation,')
mutant('a request that was rejected is still expected', ROOM,
       'core.pool.owed().arrived();  // the caller serves', '')
mutant('the queue of a user has no limit', ROOM,
       'counts_.charge(terms.user.tag, limits.per_user,',
       'counts_.charge(terms.user.tag, lane::no_limit,')
mutant('no slot is owed to a request that comes, until a pass sees it', ROOM,
       'core.pool.owed().add();\n        cell.owed.set(true);', '')
mutant('a slot is owed to every request that comes', ROOM,
       'if (active.active() + before < cell.limit(core.pool.capacity().read().limit.per_user)) {', '{')
mutant('a request that comes does not count those that wait before it', ROOM,
       'active.active() + before <', 'static_cast<void>(before), active.active() <')
mutant('a request that comes is judged by the limit of all users', ROOM,
       'cell.limit(core.pool.capacity().read().limit.per_user)',
       'core.pool.capacity().read().limit.per_user')
mutant('a request that ceases to wait counts on its lane', ROOM,
       'cell.lane_of_user.get()->end_waiting();', '{}')
mutant('a request beyond those that a lane mirrors is taken off the lane', ROOM,
       'cell.count_of_user.get()->discharge().active() <= max_mirrored',
       'cell.count_of_user.get()->discharge(); true')
mutant('a request that ceases to wait counts in the queue of its user', ROOM,
       'cell.count_of_user.get()->discharge().active() <= max_mirrored', 'true')
mutant('a request that ceases to wait counts in the total', ROOM,
       'waiting_.fetch_sub(1, memory_order_relaxed);\n}', '}')
mutant('a request that was withdrawn goes on to count', ROOM,
       'step("waiting.withdrawn");\n        discount(cell);', 'step("waiting.withdrawn");')
mutant('no pass hears of a cancellation', ROOM,
       'cancellations_.push(handle.cell, cancelled_links{cells_});', '')
mutant('a request is withdrawn although its engine has gone', ROOM,
       'if (!core.lifetime.try_pin()) return nullptr;', 'core.lifetime.try_pin();')
mutant('a context that goes leaves waiters with a settled verdict', ROOM,
       'return waiter != nullptr ? waiter : take(handle);', 'return waiter;')
mutant('a waiter that could not be posted is forgotten', ROOM,
       'cell.word.settle();\n        unposted_', 'cells_.give(cell);\n        continue;\n        unposted_')
mutant('a waiter that could not be posted is not kept', ROOM,
       'unposted_.push(cell.number, links);\n    }', '}')
mutant('settled waiters are not posted', ROOM,
       'room->post(settled.first);', '')
mutant('settled waiters are lost before a further pass', ROOM,
       'unposted_.push(std::exchange(number, index_stack::next(number, links)), links);',
       'number = index_stack::next(number, links);')
mutant('settled waiters wait for as long as other threads ask', ROOM,
       '        room->leave_to_others(settled);\n', '',
       explained='Equivalent in what comes of it: only a grant is posted later while others ask.')
mutant('waiters that could not be posted are not tried again', ROOM,
       'room->post(room->unposted_.take_all());', '')
mutant('the cell of a waiter that was posted is not used again', ROOM,
       'cells_.give(cell);\n            continue;', 'continue;')
mutant('a change of limits does not refresh', ROOM,
       'room->refresh_all_.store(true, memory_order_release);', 'static_cast<void>(room);')
mutant('a shutdown is finished inside the combiner', ROOM,
       'finish |= waiting_room::pass{*room, core, thread, settled}.run();',
       'if (waiting_room::pass{*room, core, thread, settled}.run()) room->finish_shutdown_.get()(core, thread);',
       'if (finish) room->finish_shutdown_.get()(core, thread);', 'static_cast<void>(finish);',
       explained='Supervisors are told inside the combiner then, which holds up what waits for as long as '
                 'they take. A model has no such length.')
mutant('a shutdown is not finished', ROOM,
       'if (finish) room->finish_shutdown_.get()(core, thread);', 'static_cast<void>(finish);')

mutant('more ready waiters than slots are owed', GRANTING,
       'for (; claims < queue.ready; ++claims) core_.pool.owed().add();', '')
mutant('a waiter is removed, and those behind it are not judged', GRANTING,
       'room_.queue_.remove(queue, cell);\n        judge(queue, claims);\n    }',
       'room_.queue_.remove(queue, cell);\n    }')
mutant('a pass of a closed engine judges by the limits', GRANTING,
       'closed_ ? lane::max_active : queue.lane->read().active()', 'queue.lane->read().active()',
       'closed_ ? 0 : user_limit()', 'user_limit()',
       explained='What becomes ready is rejected by `reject_all` in the same pass, and `balance` '
                 'pays what is owed to it.')
mutant('slots that were handed over are left', GRANTING,
       'slot_ref slot = core_.pool.take_handed_over(); slot;', 'slot_ref slot; slot;')
mutant('a slot that was handed over is lost', GRANTING,
       'keep_in_hand(slot);\n            slot = next;', 'slot = next;')
mutant('the requests of the user that a slot comes from are not judged', GRANTING,
       'judge(*queue, queue->ready + 1);', 'core_.pool.owed().pay();')
mutant('a slot that was handed over is no claim', GRANTING,
       'judge(*queue, queue->ready + 1);', 'judge(*queue, queue->ready);',
       explained='Another slot is then owed to the waiter, and `balance` pays it at the end of the '
                 'pass.')
mutant('only one slot of those taken together is served', GRANTING,
       'if (first) in_hand_ = core_.pool.next(first);', 'if (first) in_hand_ = {};')
mutant('slots in hand are given back beside a waiter that no pass has seen', GRANTING,
       'room_.queue_.ready() + seen.expected) break;', 'room_.queue_.ready()) break;')
mutant('slots in hand are kept although no waiter has a claim', GRANTING,
       'if (in_hand + seen.owed <= room_.queue_.ready() + seen.expected) break;', 'break;')
mutant('slots in hand are given back although a waiter is expected', GRANTING,
       'room_.queue_.ready() + seen.expected', 'room_.queue_.ready()')
mutant('slots in hand are given back although they are owed', GRANTING,
       'in_hand + seen.owed <=', 'in_hand + seen.owed <')
mutant('a pass keeps what is owed to no waiter', GRANTING,
       'if (seen.owed > 0 && core_.pool.owed().pay()) continue;', '')
mutant('slots for waiters that no pass has seen are lost', GRANTING,
       'core_.pool.earmark(slot);\n        }', '}')
mutant('a slot that was given back is kept as well', GRANTING,
       '--in_hand;\n            const slot_ref slot = kept;\n            kept = core_.pool.next(slot);',
       '--in_hand;\n            const slot_ref slot = kept;')
mutant('a verdict is lost', GRANTING,
       'settled_.append(cell, room_.cells_);', '')
mutant('the list of settled waiters keeps the last one alone', GRANTING,
       'if (first == index_stack::none)\n            first = cell.number;\n        else\n            cells[last].next.store(cell.number, memory_order_relaxed);',
       'first = cell.number;')
mutant('a verdict is settled before it is told to the waiter', GRANTING,
       'cell.occupant()->accept(verdict);\n        cell.word.settle();',
       'cell.word.settle();\n        step("pass.settled");\n'
       '        cell.occupant()->accept(verdict);')
mutant('a claimed waiter goes on to count', GRANTING,
       'room_.discount(cell);\n        return true;', 'return true;')
mutant('a waiter is claimed although it was withdrawn', GRANTING,
       'if (!cell.word.claim(cell.word.read().generation())) return false;',
       'cell.word.claim(cell.word.read().generation());')
mutant('a cell is used again that was once cancelled', GRANTING,
       'cell.arrived = cell.cancelled = false;', 'cell.arrived = false;')
mutant('a slot that goes to the excess is no longer owed', GRANTING,
       '            core_.pool.owed().add();\n            return give_back', '            return give_back')
mutant("a slot is granted although the user's limit was lowered", GRANTING,
       'queue.lane->charge_waiting(cell.limit(user_limit()))',
       'queue.lane->charge_waiting(lane::no_limit)')
mutant('a slot is granted by the limit of all users', GRANTING,
       'cell.limit(user_limit())', 'user_limit()')
mutant('a grant charges its user after the claim', GRANTING,
       '''if (!queue.lane->charge_waiting(cell.limit(user_limit()))) {
            room_.queue_.block_from(queue, cell);
            judge(queue, claims);
            return false;
        }
        step("pass.charged");
        const bool granted = claim(cell);
        step("pass.claimed");
        if (!granted) queue.lane->discharge();''',
       '''const bool granted = claim(cell);
        step("pass.claimed");
        if (granted) queue.lane->charge_waiting(lane::no_limit);''',
       detail='an attempt of the user comes in between')
mutant('a waiter that its user blocks stays ready', GRANTING,
       'room_.queue_.block_from(queue, cell);\n            judge(queue, claims);\n            return false;',
       'room_.queue_.block_from(queue, cell);\n            return false;')
mutant("a withdrawn waiter keeps the user's count", GRANTING,
       'if (!granted) queue.lane->discharge();', '')
mutant('a withdrawn waiter stays in its queue', GRANTING,
       'if (!granted) queue.lane->discharge();\n        room_.queue_.remove(queue, cell);',
       'if (!granted) return queue.lane->discharge(), false;\n        room_.queue_.remove(queue, cell);')
mutant('a user who was served keeps its turn', GRANTING,
       'room_.queue_.pass_turn(queue);', '{}')
mutant('a grant gives up the claim of the next waiter', GRANTING,
       'judge(queue, claims - (granted ? 1 : 0));', 'judge(queue, claims);')
mutant('a slot is gone with a waiter that was withdrawn', GRANTING,
       'judge(queue, claims - (granted ? 1 : 0));\n        return granted;',
       'judge(queue, claims - (granted ? 1 : 0));\n        return true;')
mutant('the slot of a waiter that is not served is lost', GRANTING,
       'if (grant_to(*queue, slot)) return;\n        keep_in_hand(slot);',
       'if (grant_to(*queue, slot)) return;')

mutant('the latest arrival comes first', PASS,
       '''            const std::uint32_t before = next.load(memory_order_relaxed);
            next.store(first, memory_order_relaxed);
            first = std::exchange(last, before);
        }''', '''            static_cast<void>(next);
            first = std::exchange(last, index_stack::none);
        }''')
mutant('an arrival whose cancellation came first is not freed', PASS,
       'if (cell.cancelled) free(cell);', '')
mutant('a drain whose cancellation came first waits', PASS,
       'else if (!cell.cancelled)\n                room_', 'else\n                room_')
mutant('a waiter that has come is still expected', PASS,
       'core_.pool.owed().arrived();\n        if', 'if')
mutant('a withdrawn arrival is queued', PASS,
       'if (!cell.word.read().waiting()) return;', '')
mutant('an arrival is not judged', PASS,
       'judge(room_.queue_.append(cell, cell.user.get(), *cell.lane_of_user.get()),\n              '
       'claims + (cell.owed.get() ? 1 : 0));',
       'static_cast<void>(claims);\n        '
       'room_.queue_.append(cell, cell.user.get(), *cell.lane_of_user.get());')
mutant('a slot is owed to an arrival twice', PASS,
       'claims + (cell.owed.get() ? 1 : 0)', 'claims',
       explained='`balance` pays what is owed beyond the ready waiters at the end of the pass.')
mutant('a slot is owed again to the waiters before an arrival', PASS,
       'claims + (cell.owed.get() ? 1 : 0)',
       '(static_cast<void>(claims), cell.owed.get() ? 1 : 0)',
       explained='`balance` pays what is owed beyond the ready waiters at the end of the pass.')
mutant('a cancelled waiter stays in its queue', PASS,
       'if (cell.queued)\n                remove(cell);\n            else if', 'if')
mutant('a cancelled drain stays in its list', PASS,
       'else if (cell.hook.is_linked())\n'
       '                room_.idle_waiters_.erase(waiter_list::s_iterator_to(cell));', '')
mutant('a cancellation before the arrival is forgotten', PASS,
       'ADMIT_ASSERT(!cell.cancelled);\n            cell.cancelled = true;', '')
mutant('the cell of a cancelled waiter is freed before its arrival', PASS,
       'if (!cell.arrived) continue;', '')
mutant('the cell of a cancelled waiter is not used again', PASS,
       '            free(cell);\n        }\n    }\n\n    /// Judges', '        }\n    }\n\n    /// Judges')
mutant('no pass looks at blocked requests again', PASS, '        refresh_blocked();\n', '')
mutant('blocked requests are looked at once only', PASS,
       '!room_.refresh_all_.exchange(false, memory_order_acquire)', 'false',
       detail='every pass looks at them',
       explained='It only costs time: the flag is not taken back, so each later pass looks again.')
mutant('a waiter that was withdrawn is rejected', PASS,
       'if (!claim(first)) continue;', 'claim(first);')
mutant('drains of an engine that has gone wait on', PASS,
       '!all && cell.engine.get() == engine', '!all')
mutant('drains of the next engine are woken', PASS,
       '!all && cell.engine.get() == engine', '(static_cast<void>(all), static_cast<void>(engine), false)')
mutant('a drain is woken although it was withdrawn', PASS,
       'if (claim(cell)) settle(cell, {});', 'claim(cell), settle(cell, {});')
mutant('a pass does not serve', PASS, '        serve_ready();\n', '')
mutant('a pass does not balance its claims', PASS, '        balance();\n', '')
mutant('a pass does not look at slots that were handed over', PASS, '        take_handed_over();\n', '')

mutant('a waiter of a lower priority goes first', FAIR_QUEUE,
       'std::prev(place)->priority < waiter.priority', 'std::prev(place)->priority > waiter.priority')
mutant('a waiter goes before those of the same priority', FAIR_QUEUE,
       'std::prev(place)->priority < waiter.priority', 'std::prev(place)->priority <= waiter.priority')
mutant('a waiter behind an urgent arrival stays ready', FAIR_QUEUE,
       'if (next != nullptr && next->ready) block_from(*queue, *next);', '')
mutant('an arrival behind blocked waiters is judged first', FAIR_QUEUE,
       'if (next == queue->first_blocked) queue->first_blocked = &waiter;',
       'queue->first_blocked = &waiter;')
mutant('an arrival before a blocked waiter is not judged', FAIR_QUEUE,
       'if (next == queue->first_blocked) queue->first_blocked = &waiter;',
       'if (queue->first_blocked == nullptr) queue->first_blocked = &waiter;')
mutant('the first blocked waiter leaves, and all others with it', FAIR_QUEUE,
       'if (queue.first_blocked == &waiter) queue.first_blocked = next_of(queue, waiter);',
       'if (queue.first_blocked == &waiter) queue.first_blocked = nullptr;')
mutant('a ready waiter that leaves stays counted', FAIR_QUEUE,
       'if (waiter.ready) --queue.ready, --ready_;', '')
mutant('only the first of the waiters behind is blocked', FAIR_QUEUE,
       'at->ready = false;\n            --queue.ready, --ready_;',
       'at->ready = false;\n            --queue.ready, --ready_;\n            break;')
mutant('one waiter too many is ready', FAIR_QUEUE,
       'active + queue.ready < next->limit(limit)', 'active + queue.ready <= next->limit(limit)')
mutant('waiters that are ready do not count', FAIR_QUEUE,
       'active + queue.ready < next->limit(limit)', 'active < next->limit(limit)')
mutant('waiters are ready by the limit of all users', FAIR_QUEUE,
       'active + queue.ready < next->limit(limit)', 'active + queue.ready < limit')
mutant('a queue without a ready waiter keeps its turn', FAIR_QUEUE,
       'queue.ready == 0 || queue.turn_class', 'queue.turn_class')
mutant('a queue stays in the class of its former first waiter', FAIR_QUEUE,
       '(queue.ready == 0 || queue.turn_class != queue.first().priority)', 'queue.ready == 0')
mutant('a queue that changes its class takes a later turn', FAIR_QUEUE,
       'if (!in_turn) queue.turn = ++turn_;', 'queue.turn = ++turn_;')
mutant('an empty queue is not used again', FAIR_QUEUE,
       'queues_.erase(queues_.iterator_to(queue));\n        add_spare(queue);',
       'queues_.erase(queues_.iterator_to(queue));')
mutant('the lowest class goes first', FAIR_QUEUE,
       'for (auto turns = turns_.rbegin(); turns != turns_.rend(); ++turns)',
       'for (auto turns = turns_.begin(); turns != turns_.end(); ++turns)')

mutant('ready waiters get earmarked slots only', GRANTING,
       '        if (!core_.pool.owed().any() || core_.pool.gate().read().full()) return {};\n'
       '        const slot_ref slot = core_.pool.take(thread_.home);\n'
       '        if (!slot || core_.pool.owed().pay()) return slot;\n'
       '        give_back(slot);\n'
       '        return {};\n',
       '        return {};\n')
mutant('a pass takes a slot that is no longer owed', GRANTING,
       'if (!slot || core_.pool.owed().pay()) return slot;',
       'return core_.pool.owed().pay(), slot;')
mutant('a slot is granted although there is excess', GRANTING,
       'if (core_.pool.capacity().read().excess() > 0) {', 'if (false) {',
       explained='The slot counted as taken before the limit was lowered and goes on doing so; the '
                 'next ending disables a slot. The check makes that rarer and cannot exclude it: '
                 'the limit may be lowered just after the check.')
mutant('waiters of a closed engine are not rejected', PASS,
       '        if (closed_) reject_all();\n', '')
LATE_SHUTDOWN = (
    'Waiters are told later, and nothing else: the thread that begins a shutdown asks for a pass '
    'afterwards, and keeps the memory until then. A pass that begins after the gate was closed grants '
    'nothing, so that no conversation begins behind the end of all. Full bounds find none.')
mutant('the shutdown is read when the pass ends', PASS,
       'if (shutdown_) {', 'const bool shutdown = room_.shutdown_.load(memory_order_acquire);\n'
       '        if (shutdown) {',
       'return shutdown_;', 'return shutdown;', explained=LATE_SHUTDOWN)
mutant('the gate is read before the shutdown', PASS,
       'closed_ = core_.pool.gate().read().closed();',
       '''closed_ = core_.pool.gate().read().closed();
        step("room.gate");
        const bool shutdown = room_.shutdown_.load(memory_order_acquire);''',
       'if (shutdown_) {', 'if (shutdown) {',
       'return shutdown_;', 'return shutdown;', explained=LATE_SHUTDOWN)
mutant('the gate is read before the arrivals', PASS,
       'closed_ = core_.pool.gate().read().closed();', '',
       'room_.pass_runs_.set(true);',
       'room_.pass_runs_.set(true);\n'
       '        closed_ = core_.pool.gate().read().closed();\n        step("room.gate");')
mutant('the shutdown is finished twice', PASS,
       '        room_.shutdown_.store(false, memory_order_relaxed);\n', '')
mutant('the beginning of a shutdown does not pin the memory', ROOM,
       'const bool pinned = core.lifetime.try_pin();', 'const bool pinned = true;')
mutant('finishing a shutdown ends no conversations', SHUTDOWN,
       'end_all(core, thread);\n    core.lifetime.drop', 'core.lifetime.drop')
mutant('beginning a shutdown ends no conversations', SHUTDOWN,
       'end_all(core, thread);\n    core.lifetime.unpin', 'core.lifetime.unpin')
mutant('a shutdown does not close the engine', SHUTDOWN, 'core.pool.gate().close();', '')
mutant('a shutdown ends no conversation at all', SHUTDOWN,
       '        if (seen.active()) end_and_notify(slot, seen.generation(), status::drained, '
       'core.now(), thread, {.cut = true});\n', '        static_cast<void>(seen);\n')
mutant('groups are idle after one look', PASS,
       '        room_.idle_groups_ = 0;\n        return advance();\n', '        return true;\n',
       explained='The second look is for admissions that began before the engine was closed and '
                 'took a slot of a group that had been looked at. That needs more threads than the '
                 'model tests have.')
mutant('drains are woken before the engine is idle', PASS,
       'closed_ && all_idle()', 'closed_')
mutant('the context goes while another thread posts to it', CELLS,
       'seen.referred() &&', 'seen.waiting() &&')
mutant('the context goes while another thread abandons a departed waiter', CELLS,
       'seen.referred() &&', '(seen.waiting() || seen.claimed()) &&')
mutant('a supervisor is abandoned with its context while it is claimed', SUPERVISION,
       'if (!cell.word.withdraw(handle.generation)) return nullptr;', '')
mutant('a supervisor abandoned with its context keeps its cell', SUPERVISION,
       'cells.give(cell);\n        return supervisor;', 'return supervisor;')
mutant('the queue of a cell is lent more than once', PASS,
       'room_.lent_ <= number; ++room_.lent_', 'room_.lent_ <= number; room_.lent_ = number')
mutant('cells do not record their context', CELLS,
       'cell.context.store(context, memory_order_relaxed);',
       'cell.context.store((static_cast<void>(context), nullptr), memory_order_relaxed);')

mutant('the grace counts from the instant that an expiry is asked for', EXPIRY,
       'const nanos now = std::min(due_at_, present_);', 'const nanos now = due_at_;')
mutant('a wait is timed out though its cell is another\'s by now', ROOM,
       'withdraw(core, {number, seen.generation()});',
       'withdraw(core, {number, cell.word.read().generation()});')
mutant('a wait without a deadline times out at the end of time', ROOM,
       'if (!seen.waiting() || deadline > now || deadline == end_of_time) continue;',
       'if (!seen.waiting() || deadline > now) continue;')
mutant('a timed out wait serves no other', ROOM, '    if (ended > 0) serve(core, thread);\n    return ended;', '    return ended;')
mutant('a look forgets a request that it has not read', RETRYING,
       'asked_.exchange(false, memory_order_acquire);', 'asked_.store(false, memory_order_relaxed);')
mutant('a look that leaves something does not come again', RETRYING,
       'if (operations_.load(memory_order_relaxed) > 0 && look()) raise(asked_);', 'look();')
mutant('the context rings again though it has no memory for the delay', RETRYING,
       '        if (looked && by_context) return;\n', '', detail='ends when there is memory')
mutant('without memory no thread begins the delay', RETRYING,
       'if (looked && by_context) return;', 'if (looked) return;')
mutant('a delay is begun twice', RETRYING, 'rung_.get() || waits_[bells].get() ||', 'rung_.get() ||')
mutant('a bell is rung twice', RETRYING,
       'rung_.get() || waits_[bells].get() ||', 'waits_[bells].get() ||')
mutant('waits begin while stopped ones are pending', RETRYING,
       '        if (stopped_.get() && pending()) return;  // until all have ended\n', '')
mutant('the bell stays pending after the last operation', RETRYING,
       'memory_order_relaxed) == 1) adjust(false);', 'memory_order_relaxed) == 2) adjust(false);')
mutant('an operation begins without a bell', RETRYING,
       '        leave();\n        return false;', '        return true;')
mutant('a supervisor is asked to end twice', SUPERVISION,
       'if (!request_of(cell, generation)) {', '{')
mutant('a supervisor is asked to end without a claim', SUPERVISION,
       'if (!cell.word.claim(generation)) return {.kind = notify_result::retry};', '')
mutant('a supervisor that could not be woken counts as woken', SUPERVISION,
       'cell.unposted.store(generation + 1, memory_order_relaxed);\n            return;', '')
mutant('a supervisor that could not be woken is not listed', SUPERVISION,
       'list(cell);\n        if (!supervisor.post()) {', 'if (!supervisor.post()) {')
mutant('a retry forgets a supervisor that is claimed', SUPERVISION,
       'all->list(cell);', '')
mutant('a supervisor is unlisted after a look at its word', SUPERVISION,
       'cell.listed.exchange(false, memory_order_acq_rel);', '',
       'all->unclaim(cell);\n        }', """all->unclaim(cell);
            cell.listed.exchange(false, memory_order_acq_rel);
        }""")
mutant('a supervisor is unmarked after it was woken', SUPERVISION,
       'if (!cell.unposted.compare_exchange_strong(marked, 0, memory_order_relaxed,\n'
       '                                               memory_order_relaxed))\n        return;',
       'if (cell.unposted.load(memory_order_relaxed) != marked) return;',
       'if (cell.woken_at.load', 'cell.unposted.store(0, memory_order_relaxed);\n    '
       'if (cell.woken_at.load')
mutant('a grace begins before the supervisor was woken', SUPERVISION,
       'if (request_of(cell, generation) && woken_at != end_of_time)',
       'if (woken_at == end_of_time) woken_at = now;\n    if (request_of(cell, generation))')
mutant('two threads tell a conversation to end', SUPERVISION,
       'told = word.tell(seen, static_cast<unsigned>(how) + 1);',
       'word.tell(seen, static_cast<unsigned>(how) + 1), told = true;')
mutant('a supervisor hears what its notifier wanted, not what was told', SUPERVISION,
       'if (!told) how = *told_to_end(seen);', '')
mutant('what was told to end is counted as its ender gives it', ENDING,
       'return_resources(slot, told.value_or(how), thread);', 'return_resources(slot, how, thread);')
mutant('what a drain told to end is no cut', ENDING,
       'kind.cut || told == status::drained', 'kind.cut')
mutant('a drain lists what another drain told to end', DRAINING,
       'ended && ended.told != status::drained', 'ended')
mutant('a drain lists what another drain tells to end', DRAINING,
       'return sent.told ||', 'return sent.kind == notify_result::woken ||')
mutant('a drain takes a slot before the grace has passed', DRAINING,
       'if (sent.told || sent.due > now_)', 'if (sent.told)')
mutant('a drain counts no conversation that overstays', DRAINING,
       'return now.overstayed() != then.overstayed();',
       'return static_cast<void>(then), static_cast<void>(now), false;')
mutant('a supervisor that departed while claimed is not abandoned', SUPERVISION,
       '.abandon();', '.user();')
mutant('the name of a later conversation is overwritten', SUPERVISION,
       'while (seen <', 'while ((true || seen <',
       '&& !named_by(slot)', ') && !named_by(slot)')
mutant('the supervisor of another conversation is asked to end', SUPERVISION,
       'return same && (seen->waiting()', 'return (static_cast<void>(same), seen->waiting()')
mutant('a reclaim is recorded for a later supervisor', SUPERVISION,
       '        if (request_in(request, seen->generation()))\n', '')
mutant('a reclaim is not recorded', SUPERVISION, 'request | reclaimed_bit,', 'request,')
mutant('a reclaim is recorded after the end', SUPERVISION,
       """    std::optional<wait_word::snapshot> seen;
    if (supervisor_cell* const cell = supervisor_of(slot, generation, seen)) {
        std::uint64_t request""", """    const end_result result = end_told(slot, generation, status::idle, thread,
                                       {.cut = cut, .overstayed = true});
    std::optional<wait_word::snapshot> seen;
    if (supervisor_cell* const cell = supervisor_of(slot, generation, seen)) {
        std::uint64_t request""",
       '    return end_told(slot, generation, status::idle, thread, '
       '{.cut = cut, .overstayed = true});', '    return result;')
mutant('a late supervisor reads the reason without acquiring the end', SUPERVISION,
       'static_cast<void>(slot.record().conversation.read());', '')


# --- Orders -------------------------------------------------------------------------------------

UNMODELLED = ('Bytes of names go through std::atomic_ref, which the model checker does not see. '
              'GenMC does, and finds it needed: scenario `listing`.')

LISTED = ('Only the listing of waiters reads it, by std::atomic, which the model checker does not see. Names of '
          'conversations are read in the same way, and GenMC finds the order needed there: scenario '
          '`listing`.')

OTHERS_PROPOSAL = ('Puts the second look behind a proposal of another thread in S, which happening before '
                   'does not. The model checker takes the order of execution for S, so it cannot '
                   'show the opposite. GenMC can, and finds it needed: ')
NOT_WEAKER = 'Only failure needs it: see the comment there. g++ 12 takes no success weaker than failure.'
LENGTHS = 'The stores of the lengths release what stands before them, this one included.'
ONE_MORE_GROUP = ('At the sizes of the model one group more is one level more, which changes the word of '
                  'the gate: a proposer has acquired it. Within a level it is store buffering of '
                  'the count and the gate; see grow -> use.')
NEW_LEVEL = ('A thread uses the levels after it has read the height that `raise_summary` writes to the '
             'gate afterwards. Open is always allowed.')
SUPERVISOR = ('The name was read first, and with it the arming: word and fields are of that supervisor '
              'or a later one. A later word brings its own fields, which name another conversation. '
              'With later fields, the claim of the generation that was seen fails.')

ORDERS_EXPLAINED = {
    'order: waiting/waiting_room.cpp: begin: cell->rank.store: release -> relaxed': LISTED,
    'order: waiting/waiting_room.cpp: begin: cell->since.store: release -> relaxed': LISTED,
    'order: users/lane.hpp: charge: bits_.compare_exchange_weak: acq_rel -> release':
        'A count guards no data. The order is there because g++ 12 does not take success weaker than '
        'failure.',
    'order: conversation/user_name.hpp: store: atomic_ref.store: release -> relaxed': UNMODELLED,
    'order: conversation/user_name.hpp: save_bytes: atomic_ref.load: acquire -> relaxed': UNMODELLED,
    'order: users/lane.hpp: reserve: bits_.compare_exchange_strong: acquire -> relaxed':
        'Keeps the tags of successive generations in order. The model checker takes the order of '
        'execution for the order of stores, so it cannot show the opposite. GenMC can, and finds '
        'it needed: scenario `generations`.',
    'order: slots/gate.hpp: propose_full: bits_.update on failure: seq_cst -> acquire':
        OTHERS_PROPOSAL + 'scenario `full`.',
    'order: slots/summary.hpp: propose_empty: bits_.update on failure: seq_cst -> acquire':
        OTHERS_PROPOSAL + 'scenario `empty`.',
    'order: slots/gate.hpp: confirm_full: bits_.compare_exchange_strong: seq_cst -> acq_rel':
        'A thread that misses the confirmation finds the proposal, which is in S, and which forbids '
        'as much.',
    'order: slots/capacity.hpp: replace: bits_.compare_exchange_weak: seq_cst -> acq_rel':
        'A thread that lowers the limit and finds the gate proposed or full only reads it. Then S '
        'alone puts the limit before the look of the giver that opens the gate afterwards. No '
        'search has shown it: where the lowering thread proposes, give <-> gate does as much.',
    'order: slots/gate.hpp: reset: bits_.fetch_and: seq_cst -> acq_rel':
        'The next engine has the memory by unpin -> reuse. A late giver of the engine before only opens '
        'the gate.',
    'order: base/index_stack.hpp: pop: head_.update: acquire -> relaxed': NOT_WEAKER,
    'order: slots/summary.hpp: confirm_empty: bits_.compare_exchange_strong: seq_cst -> acq_rel':
        'A thread that misses the confirmation finds the proposal, which is in S, and which a giver '
        'takes back as well.',
    'order: slots/summary.hpp: reopen: bits_.update on failure: seq_cst -> acquire':
        "The read before it is in S behind the giver's bit, and the failure finds nothing older.",
    'order: slots/summary.hpp: reopen_all: bits_.update: seq_cst -> acq_rel':
        NEW_LEVEL,
    'order: slots/summary.hpp: reopen_all: bits_.update on failure: seq_cst -> acquire':
        NEW_LEVEL,
    'order: users/user_counts.hpp: prepare: newest_.compare_exchange_strong on failure: '
    'acquire -> relaxed':
        '`lanes()` of the table that was found reads an ordinary member, which the model checker does '
        'not watch.',
    'order: users/user_counts.hpp: clear: newest_.exchange: acquire -> relaxed':
        'The clearing thread has acquired all of it by unpin -> reuse.',
    'order: slots/slot_word.hpp: disable_all: bits_.fetch_or: acq_rel -> acquire':
        'The thread that unpins last has acquired the `drop_engine` that comes after this.',
    'order: state/settings.hpp: replace_timeouts: version_.fetch_add: acq_rel -> acquire': LENGTHS,
    'order: state/settings.hpp: replace_timeouts: version_.fetch_add: acq_rel -> release': LENGTHS,
    'order: state/settings.hpp: replace_timeouts: version_.fetch_add: acq_rel -> release #2':
        'It reads nothing that it would have to know.',
    'order: slots/group_table.hpp: count: count_.load: seq_cst -> acquire': ONE_MORE_GROUP,
    'order: slots/group_table.hpp: add: count_.compare_exchange_strong: seq_cst -> acq_rel':
        ONE_MORE_GROUP,
    'order: lifecycle/expiry.hpp: deadlines_of: slot.started.load: acquire -> relaxed':
        'The compare-and-swap of the generation or of the activity decides. The start of a later '
        'conversation only makes a deadline later, and true of that conversation.',
    'order: lifecycle/supervision.cpp: supervisor_of: cell.conversation.load: acquire -> relaxed':
        SUPERVISOR,
    'order: lifecycle/supervision.cpp: supervisor_of: cell.slot.load: acquire -> relaxed':
        SUPERVISOR,
    'order: lifecycle/supervision.cpp: supervise: cell.conversation.store: release -> relaxed':
        SUPERVISOR,
    'order: lifecycle/supervision.cpp: supervise: cell.slot.store: release -> relaxed':
        SUPERVISOR,
    'order: waiting/cell_pool.hpp: make: size_.compare_exchange_weak: acq_rel -> release':
        'Each growth releases its block, and later growths continue its release sequence: a thread '
        'that reads a number acquires all blocks below it. The grower looks at its block itself.',
    'order: waiting/cell_pool.hpp: make: size_.compare_exchange_weak on failure: '
    'acquire -> relaxed':
        '`get_or_install` looks at the block of the next number itself.',
}
