// SPDX-License-Identifier: BSL-1.0
// admit.h: conversations that are told to end, and the end of an engine.
#include "lifecycle/supervision.hpp"

#include <memory>
#include <vector>

#include "c/convert.hpp"
#include "engine/draining.hpp"
#include "engine/inspection.hpp"
#include "system/this_thread.hpp"

/// Belongs to the caller until `admit_unsupervise`, and then to a thread that is telling it.
struct admit_supervision final : admit::core::waiter_base {
    admit_supervision(const admit_permit& of, admit_told_to_end callback, void (*last)(void*),
                      void* argument) noexcept
        : permit{of}, told{callback}, release{last}, data{argument} {}

    bool post() noexcept override {
        const auto request = admit::core::end_requested(slot(), permit.id.generation);
        if (request && told != nullptr) told(data, admit::c::status_of(request->how));
        return true;
    }
    void abandon() noexcept override {
        if (release != nullptr) release(data);
        delete this;
    }

    admit::core::slot_ref slot() const noexcept { return admit::c::slot_of(permit); }

    const admit_permit permit;
    const admit_told_to_end told;
    void (*const release)(void*);
    void* const data;
    admit::core::cell_handle place;
};

namespace admit::c {

namespace {

constexpr core::nanos look_again_after = 10'000'000;

struct abandoning {
    void operator()(admit_supervision* supervision) const noexcept { supervision->abandon(); }
};
using owned_supervision = std::unique_ptr<admit_supervision, abandoning>;

struct unpinning {
    void operator()(core::engine_core* core) const noexcept { core->lifetime.unpin(); }
};
using pin = std::unique_ptr<core::engine_core, unpinning>;

/// Registers with the conversation of the permit. False: it has ended.
bool begin(admit_supervision& supervision, core::nanos grace) {
    const core::slot_ref slot = supervision.slot();
    const std::uint64_t generation = supervision.permit.id.generation;
    const auto& conversation = slot.record().conversation;
    if (!conversation.still(generation)) return false;
    core::engine_core& core = *slot.group->core;
    supervision.place = core::supervise(core, slot, generation, supervision, grace, nullptr);
    if (!supervision.place) throw std::bad_alloc{};
    // A thread that has just ended it may have found no supervisor.
    return conversation.still(generation);
}

}  // namespace

}  // namespace admit::c

// At the top, where they were declared: in a namespace they would not be exported.
using namespace admit;
using namespace admit::c;

admit_result admit_supervise(const admit_permit* permit, int64_t grace, admit_told_to_end told,
                             void (*release)(void*), void* data,
                             admit_supervision** supervision) noexcept {
    *supervision = nullptr;
    auto* const made = new (std::nothrow) admit_supervision{*permit, told, release, data};
    if (made == nullptr) {
        if (release != nullptr) release(data);
        return ADMIT_NO_MEMORY;
    }
    owned_supervision owned{made};
    return guarded(nullptr, [&] {
        if (permit->place == nullptr) return ADMIT_ENDED;
        // The memory stays that of the engine which has the conversation, if it has not ended.
        core::engine_core& core = *made->slot().group->core;
        const pin pinned{core.lifetime.try_pin() ? &core : nullptr};
        if (!pinned) return ADMIT_ENDED;
        if (core::supervised(made->slot(), permit->id.generation)) return ADMIT_INVALID_ARGUMENT;
        if (begin(*made, std::max<int64_t>(grace, 0))) {
            *supervision = owned.release();
            return ADMIT_OK;
        }
        // Another thread may be telling it, and abandons it then.
        if (made->place && !core::unsupervise(core, made->place))
            static_cast<void>(owned.release());
        return ADMIT_ENDED;
    });
}

admit_ending admit_unsupervise(admit_supervision* supervision, admit_status how) noexcept {
    const core::slot_ref slot = supervision->slot();
    const auto request = [&] { return core::end_requested(slot, supervision->place); };
    const std::optional<core::end_request> before = request();
    status wanted = before ? before->how : core::valid(status_of(how));
    admit_ending result{};
    if (const core::end_result ended =
            core::end_as(slot, supervision->permit.id.generation, wanted, system::this_thread())) {
        result.status = status_of(ended.how);
        result.ended = true;
        result.told = before || ended.told;
    } else {
        // Another thread has ended it, or taken its slot, perhaps just before.
        const std::optional<core::end_request> after = request();
        if (after) wanted = after->how;
        result.status = status_of(wanted);
        result.told = after.has_value();
        result.overstayed = after && after->reclaimed;
    }
    if (core::unsupervise(*slot.group->core, supervision->place)) supervision->abandon();
    return result;
}

void admit_close(admit_engine* engine) noexcept { engine->engine.close(); }

int64_t admit_cut_off(admit_engine* engine) noexcept {
    core::engine_core& core = core_of(engine);
    try {
        std::vector<conversation> cut;
        admit_close(engine);
        const core::nanos again = core::cut_off(core, core.now(), cut, system::this_thread());
        core::serve(core, system::this_thread());
        // An admission that was under way may begin later.
        const bool look_again = again == core::end_of_time && core::active_count(core) > 0;
        return look_again ? core::after(core.now(), look_again_after) : again;
    } catch (const std::bad_alloc&) {
        return 0;
    }
}
