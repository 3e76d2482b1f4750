// SPDX-License-Identifier: BSL-1.0
#include "script.hpp"

#include <algorithm>

#include "fleet/shares.hpp"

namespace fleet_model {
namespace {

class script {
public:
    script(ledger& l, const message& request, const configuration& c)
        : l_{l}, r_{request}, c_{c}, own_{l.records[request.from]} {}

    executed run(small grant) {
        if (!is_new()) return done_;
        if (r_.kind == kind::join) {
            join();
        } else if (!own_.exists) {
            if (r_.kind == kind::leave) return done_;
            claim();
        }
        if (own_.is_fenced) return answer(kind::fenced, 0);
        take_evidence();
        if (r_.kind == kind::leave) return leave();
        renew();
        return answer(confirms() ? kind::confirmed : kind::granted, decide(grant));
    }

private:
    bool is_new() const {
        if (!own_.exists || !c_.rules.request_numbers) return true;
        return r_.number > own_.last || (!c_.rules.number_must_grow && r_.number == own_.last);
    }

    bool has_name_of_own(std::size_t i) const {
        return i != r_.from && l_.records[i].exists && c_.names[i] == c_.names[r_.from];
    }

    void join() {
        if (own_.exists) return;  // the answer was lost, and the fence is known
        own_ = {};
        own_.exists = 1;
        if (!has_namesakes()) return;
        own_.fence = ++l_.fence;
        for (std::size_t i = 0; i < c_.processes; ++i)
            if (has_name_of_own(i)) take_over(i);
    }

    /// Whether names are shared in this configuration. If not, no fence matters.
    bool has_namesakes() const {
        for (std::size_t i = 0; i < c_.processes; ++i)
            if (i != r_.from && c_.names[i] == c_.names[r_.from]) return true;
        return false;
    }

    void take_over(std::size_t i) {
        record& old = l_.records[i];
        if (c_.rules.fence) old.is_fenced = 1;
        if (c_.rules.join_starts_with_nothing) return;
        own_.block = old.block;
        old = {};
        changed(i);
    }

    /// The record was lost: the member says itself what it holds.
    void claim() {
        own_ = {};
        own_.exists = 1;
        own_.fence = r_.fence;
        l_.fence = std::max(l_.fence, r_.fence);
        for (std::size_t i = 0; i < c_.processes && c_.rules.fence; ++i) {
            if (!has_name_of_own(i)) continue;
            record& other = l_.records[i];
            (other.fence < own_.fence ? other : own_).is_fenced = 1;
        }
        if (own_.is_fenced) note();
    }

    void take_evidence() {
        if (r_.term && l_.learning) {
            l_.learning = 0;
            done_.learned = true;
        }
        for (std::size_t i = 0; i < c_.processes; ++i) {
            record& other = l_.records[i];
            if (i == r_.from || !other.exists) continue;
            if (r_.gone >> i & 1 && c_.rules.gone_is_removed) {
                other = {};
                changed(i);
            } else if (r_.quiet >> i & 1) {
                other.is_quiet = 1;
                if (!c_.rules.whole_block_until_gone)
                    other.block = std::min(other.block, other.wants);
            }
        }
    }

    executed leave() {
        own_ = {};
        changed(r_.from);
        return done_;
    }

    void note() {
        own_.last = r_.number;
        own_.block = r_.held;
        own_.wants = r_.wants;
        own_.is_quiet = 0;
        changed(r_.from);
    }

    void renew() {
        const small recorded = own_.block;
        const bool bounded = c_.rules.claim_is_bounded && !l_.learning;
        note();
        if (bounded) own_.block = std::min(own_.block, recorded);
        if (r_.kind == kind::join && !c_.rules.join_starts_with_nothing) own_.block = recorded;
    }

    bool confirms() const { return l_.learning && c_.rules.learning_grants_nothing; }

    /// What the member is granted; the record then says what it may hold.
    small decide(small grant) {
        if (confirms()) return r_.held;
        if (c_.rules.successor_waits)
            for (std::size_t i = 0; i < c_.processes; ++i)
                if (has_name_of_own(i) && l_.records[i].is_fenced && !l_.records[i].is_quiet)
                    return 0;
        const small granted = grant >= share_first ? share(grant == share_first) : bounded(grant);
        own_.block = c_.rules.record_keeps_what_is_held ? std::max(own_.block, granted) : granted;
        return granted;
    }

    small share(bool first) const {
        std::array<admit::fleet::claim, max_processes> claims{};
        const std::size_t self = first ? 0 : c_.processes - 1u;
        std::size_t place = first ? 1 : 0;
        for (std::size_t i = 0; i < c_.processes; ++i) {
            const record& r = l_.records[i];
            const small wants = c_.rules.whole_block_until_gone ? r.wants : c_.limit;
            claims[i == r_.from ? self : place++] = {.block = r.block,
                                                     .wants = r.exists ? wants : 0u,
                                                     .quiet = r.is_quiet != 0 || r.is_fenced != 0};
        }
        const std::span<const admit::fleet::claim> all{claims.data(), c_.processes};
        return static_cast<small>(c_.rules.room_is_checked
                                      ? admit::fleet::grant_to(l_.limit, all, self)
                                      : admit::fleet::share_of(l_.limit, all, self));
    }

    small bounded(small grant) const {
        int free = l_.limit + own_.block;
        for (const record& r : l_.records) free -= r.block;
        return static_cast<small>(std::clamp<int>(grant, 0, std::max<int>(free, own_.block)));
    }

    void changed(std::size_t i) { done_.renewed = static_cast<small>(done_.renewed | 1u << i); }

    executed answer(fleet_model::kind k, small granted) {
        done_.answer = {};
        done_.answer.kind = k;
        done_.answer.from = r_.from;
        done_.answer.number = r_.number;
        done_.answer.granted = granted;
        done_.answer.fence = own_.fence;
        return done_;
    }

    ledger& l_;
    const message& r_;
    const configuration& c_;
    record& own_;
    executed done_;
};

}  // namespace

executed run_script(ledger& l, const message& request, small grant, const configuration& c) {
    return script{l, request, c}.run(grant);
}

}  // namespace fleet_model
