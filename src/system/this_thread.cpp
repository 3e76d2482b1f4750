// SPDX-License-Identifier: BSL-1.0
#include "system/this_thread.hpp"

#include <cxxabi.h>
#include <pthread.h>

#include <array>
#include <bit>

#include "base/sizes.hpp"
#include "base/update.hpp"

namespace admit::system {

using core::thread_state;

namespace {

constexpr unsigned stripes_per_word = 64;

/// glibc keeps the values of the first 32 keys in the thread itself; for others it allocates.
constexpr pthread_key_t keys_in_place = 32;

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

/// Called at the end of each thread that has claimed a stripe. If a later destructor of the thread
/// uses an engine, the thread claims again, and this is called again.
void at_thread_end(void* of_thread) noexcept {
    auto& thread = *static_cast<thread_state*>(of_thread);
    give_back(thread.stripe);
    thread.stripe = thread_state::unclaimed;
}

/// Made with the first engine, before a thread needs it: see `prepare_threads`. A POSIX key rather
/// than a destructor of the thread_local: to register a destructor allocates, and the run-time
/// library aborts if it cannot.
pthread_key_t thread_end_key() noexcept {
    static const pthread_key_t key = [] {
        pthread_key_t made{};
        return ::pthread_key_create(&made, &at_thread_end) == 0 ? made : ~pthread_key_t{0};
    }();
    return key;
}

/// The record that the C++ run-time library keeps of a thread's exceptions. The Itanium C++ ABI
/// (2.2.2) fixes its members, and that it does not move.
struct exceptions {
    void* caught;
    unsigned uncaught;
};

}  // namespace

void prepare_threads() noexcept { static_cast<void>(thread_end_key()); }

void detail::prepare(thread_state& thread) noexcept {
    thread.uncaught = &reinterpret_cast<const exceptions*>(abi::__cxa_get_globals())->uncaught;
    // relaxed: every number works.
    static constinit std::atomic<unsigned> threads{0};
    thread.home = threads.fetch_add(1, std::memory_order_relaxed);
    thread.stripe = claim();
    if (thread.stripe == core::counter_stripes) return;
    const pthread_key_t key = thread_end_key();
    if (key >= keys_in_place || ::pthread_setspecific(key, &thread) != 0) {
        give_back(thread.stripe);  // nothing would be called at the end of the thread
        thread.stripe = core::counter_stripes;
    }
}

}  // namespace admit::system
