// SPDX-License-Identifier: BSL-1.0
#include "system/this_thread.hpp"

#ifdef ADMIT_ITANIUM_EXCEPTIONS
#include <cxxabi.h>
#endif

#include <array>
#include <bit>

#include "base/sizes.hpp"
#include "base/update.hpp"
#include "system/thread_end.hpp"

namespace admit::system {

using core::thread_state;

namespace {

constexpr unsigned stripes_per_word = 64;

/// One bit for each stripe, set while a thread has the stripe.
constinit std::array<std::atomic<std::uint64_t>, core::counter_stripes / stripes_per_word>
    claimed{};

unsigned claim() noexcept {
    for (unsigned word = 0; word < claimed.size(); ++word) {
        // Sets the lowest clear bit, unless all are set. acquire: edge return -> claim, for the
        // counts of the last owner. relaxed on failure: the compare-and-swap decides.
        const auto change =
            core::update(claimed[word], std::memory_order_acquire, std::memory_order_relaxed,
                         [](std::uint64_t seen) { return seen | (seen + 1); });
        if (change)
            return word * stripes_per_word + static_cast<unsigned>(std::countr_one(change.before));
    }
    return core::counter_stripes;
}

void give_back(unsigned stripe) noexcept {
    if (stripe >= core::counter_stripes) return;
    const std::uint64_t bit = std::uint64_t{1} << (stripe % stripes_per_word);
    // release: edge return -> claim.
    [[maybe_unused]] const std::uint64_t before =
        claimed[stripe / stripes_per_word].fetch_and(~bit, std::memory_order_release);
    ADMIT_ASSERT((before & bit) != 0);
}

#ifdef ADMIT_ITANIUM_EXCEPTIONS
/// The record that the C++ run-time library keeps of a thread's exceptions. The Itanium C++ ABI
/// (2.2.2) fixes its members, and that it does not move.
struct exceptions {
    void* caught;
    unsigned uncaught;
};

const unsigned* uncaught_exceptions() noexcept {
    return &reinterpret_cast<const exceptions*>(abi::__cxa_get_globals())->uncaught;
}
#else
const unsigned* uncaught_exceptions() noexcept { return nullptr; }
#endif

}  // namespace

void prepare_threads() noexcept { prepare_thread_end(); }

void thread_ended(unsigned stripe) noexcept {
    give_back(stripe);
    detail::state.stripe = thread_state::unclaimed;
}

void detail::prepare(thread_state& thread) noexcept {
    thread.uncaught = uncaught_exceptions();
    // relaxed: every number works.
    static constinit std::atomic<unsigned> threads{0};
    thread.home = threads.fetch_add(1, std::memory_order_relaxed);
    thread.stripe = claim();
    if (thread.stripe == core::counter_stripes || call_at_thread_end(thread.stripe)) return;
    give_back(thread.stripe);
    thread.stripe = core::counter_stripes;
}

}  // namespace admit::system
