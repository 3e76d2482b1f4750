// SPDX-License-Identifier: BSL-1.0
// The permitted differences from an engine that runs one call after the other. specification.hpp
// uses them. tests/model shows that each is needed.
#pragma once

namespace history {

struct allowances {
    /// An attempt counts against its own user while its call lasts.
    bool attempts_count = true;
    /// A conversation ends before its count and its slot are free again. Both may count as taken
    /// until the call that ended the conversation returns.
    bool ends_in_progress = true;
    /// While a limit goes down, each call in progress may hold one slot that it is about to
    /// disable.
    bool shrinking_holds_slots = true;
    /// While a limit goes up, only some of the new slots may be enabled.
    bool gradual_growth = true;
    /// Of calls of `set_limits` that overlap, the limits on conversations are those of one, and the
    /// limits on waiting requests those of one.
    bool limits_mixed = true;
    /// A call that began before `set_limits` or `close` returned may use the limits of its
    /// beginning, or those of any instant of the call. So may the grants that it makes.
    bool judged_on_entry = true;
    /// Reasons are checked one after the other, at instants of their own. The given reason holds at
    /// one instant; each reason checked before it does not hold at another instant. A request joins
    /// the queue after the instant at which a limit kept it out.
    bool reasons_in_sequence = true;

    /// The slot of a conversation that ends while requests of its user wait may count as taken
    /// until all calls that overlapped the ending have returned: one of them serves.
    bool slot_undecided = true;
    /// Between its grant and its handler a request may count once more against its own user, and in
    /// the queue.
    bool grant_under_way = true;
    /// While a request is ready and a slot is free, or while an admission is in progress, which may
    /// count on its user before it takes its slot: a call that is rejected for its user as well as
    /// for the limit on all may get either reason.
    bool reason_in_transit = true;
    /// After the limit per user went up, requests that only then became ready may have no claim to
    /// a slot until all calls that overlapped the raise have returned.
    bool gradual_claims = true;
    /// A grant may overlook a request that became ready, or came, until all calls that overlapped
    /// this have returned. A wait that has not returned may count as an attempt: it has no claim
    /// yet, and it may count in the queue though it is rejected then.
    bool turn = true;
    /// An attempt may hide from a request of its user that the user has room, until all calls that
    /// overlapped the attempt have returned. The request has no claim to a slot, and no turn.
    bool room_hidden = true;
    /// A request gets its claim while a slot is free: the thread that serves and an attempt may
    /// each hold a slot for it, until all calls that overlapped this have returned. One goes back.
    bool claim_held_twice = true;
    /// A call in progress may hold a slot for a request: a wait has its claim before its place in
    /// the queue, and an attempt may have taken the slot before it finds the claim. What rejects
    /// that attempt is then no other attempt.
    bool slot_in_hand = true;
    /// The slot that a ready request had a claim to when it left may count as taken until all calls
    /// that overlapped the leaving have returned.
    bool leaving_under_way = true;
};

}  // namespace history
