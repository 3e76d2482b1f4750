// SPDX-License-Identifier: BSL-1.0
// Between the values of admit.h and those of the engine; all of src/c uses it. The functions of
// admit.h call `guarded` where the engine throws.
#pragma once

#include <admit/admit.h>

#include <admit/engine.hpp>
#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "engine/access.hpp"
#include "state/engine_core.hpp"

struct admit_engine {
    admit::engine engine;
};

namespace admit::c {

// The numbers of the two languages are the same.
static_assert(ADMIT_SHUTTING_DOWN == static_cast<int>(errc::shutting_down) &&
              ADMIT_GLOBAL_LIMIT == static_cast<int>(errc::global_limit) &&
              ADMIT_INVALID_USER_ID == static_cast<int>(errc::invalid_user_id) &&
              ADMIT_USER_LIMIT == static_cast<int>(errc::user_limit) &&
              ADMIT_QUEUE_FULL == static_cast<int>(errc::queue_full) &&
              ADMIT_USER_QUEUE_FULL == static_cast<int>(errc::user_queue_full) &&
              ADMIT_WAIT_TIMEOUT == static_cast<int>(errc::wait_timeout));
static_assert(ADMIT_COMPLETED == static_cast<int>(status::completed) &&
              ADMIT_IDLE == static_cast<int>(status::idle) &&
              ADMIT_TIMED_OUT == static_cast<int>(status::timed_out) &&
              ADMIT_ERROR == static_cast<int>(status::error) &&
              ADMIT_DRAINED == static_cast<int>(status::drained) &&
              ADMIT_CANCELLED == static_cast<int>(status::cancelled));
static_assert(ADMIT_NEVER == never.count() && ADMIT_UNLIMITED == unlimited);

// Without padding at the end, where an old caller would leave a new member as it was.
template <class Struct, class Last>
constexpr bool ends_with(Last Struct::*, std::size_t offset) {
    return offset + sizeof(Last) == sizeof(Struct);
}
static_assert(ends_with(&admit_limits::max_waiting_per_user,
                        offsetof(admit_limits, max_waiting_per_user)) &&
              ends_with(&admit_engine_options::reserved,
                        offsetof(admit_engine_options, reserved)) &&
              ends_with(&admit_request::reserved, offsetof(admit_request, reserved)) &&
              ends_with(&admit_stats::ended, offsetof(admit_stats, ended)));

inline admit_result result_of(errc reason) noexcept { return static_cast<admit_result>(reason); }
inline admit_status status_of(status how) noexcept { return static_cast<admit_status>(how); }
/// What is no status becomes one that the engine takes for an error.
inline status status_of(admit_status how) noexcept {
    return static_cast<status>(how < 0 || how > 255 ? 255 : how);
}

inline std::string_view text(const char* bytes, std::size_t size) noexcept {
    return bytes == nullptr ? std::string_view{} : std::string_view{bytes, size};
}

/// What the caller says in a struct, over the defaults; all defaults if it is null. Nothing if it
/// says what this version does not know.
template <class Struct>
std::optional<Struct> known_of(const Struct* given, Struct known) noexcept {
    if (given == nullptr) return known;
    if (given->size < sizeof known) return std::nullopt;  // there was no smaller version
    const auto* const bytes = reinterpret_cast<const unsigned char*>(given);
    if (std::any_of(bytes + sizeof known, bytes + given->size, [](auto byte) { return byte != 0; }))
        return std::nullopt;
    std::memcpy(&known, given, sizeof known);
    return known;
}

/// The same. Throws `std::invalid_argument`, which names the struct.
template <class Struct>
Struct known_of(const char* name, const Struct* given, Struct defaults) {
    if (const auto known = known_of(given, defaults)) return *known;
    throw std::invalid_argument{std::string{name} + ".size is " + std::to_string(given->size) +
                                "; allowed is " + std::to_string(sizeof defaults) +
                                ", or more where what is beyond is 0"};
}

/// Writes as much of a struct as the caller knows.
template <class Struct>
void write(const Struct& from, Struct& to) noexcept {
    const std::size_t size = to.size;
    std::memcpy(&to, &from, std::min(size, sizeof from));
    to.size = size;
}

inline std::optional<admit_request> request_of(const admit_request* given) noexcept {
    return known_of(given, ADMIT_REQUEST_INIT);
}
inline std::optional<std::size_t> own_limit_of(const admit_request& request) noexcept {
    if (request.max_per_user == ADMIT_BY_LIMITS) return std::nullopt;
    return request.max_per_user;
}

inline admit_conversation_id id_of(const conversation_id& id) noexcept {
    return {.engine = id.engine, .generation = id.generation, .slot = id.slot};
}
inline conversation_id id_of(const admit_conversation_id& id) noexcept {
    return {.engine = id.engine, .generation = id.generation, .slot = id.slot};
}

inline admit_permit permit_of(const core::verdict& begun, std::uint64_t engine) noexcept {
    return {.id = {.engine = engine, .generation = begun.generation, .slot = begun.slot.number()},
            .place = begun.slot.group};
}
inline core::slot_ref slot_of(const admit_permit& permit) noexcept {
    return core::slot_in(static_cast<core::slot_group*>(permit.place), permit.id.slot);
}

inline core::engine_core& core_of(const admit_engine* engine) noexcept {
    return detail::access::core(engine->engine);
}

/// The number of an engine that is there.
inline std::uint64_t number_of(const admit_engine* engine) noexcept {
    // relaxed: written before any other thread could reach the engine.
    return core_of(engine).number.load(core::memory_order_relaxed);
}

/// Calls `body`, and says what it threw.
template <class Body>
admit_result guarded(admit_error* error, Body body) noexcept {
    if (error != nullptr) error->text[0] = '\0';
    try {
        return body();
    } catch (const std::invalid_argument& refused) {
        if (error != nullptr) {
            const std::size_t size = std::min(std::strlen(refused.what()), sizeof error->text - 1);
            std::memcpy(error->text, refused.what(), size);
            error->text[size] = '\0';
        }
        return ADMIT_INVALID_ARGUMENT;
    } catch (const std::bad_alloc&) {
        return ADMIT_NO_MEMORY;
    } catch (...) {
        return ADMIT_SYSTEM_ERROR;
    }
}

}  // namespace admit::c
