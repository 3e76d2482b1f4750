#include "system/this_thread.hpp"

#include <cxxabi.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "base/sizes.hpp"

namespace admit::system {

using core::thread_state;

namespace {

constexpr unsigned stripes_per_word = 64;

/// glibc keeps the values of so many keys in the thread itself; for others it allocates.
constexpr pthread_key_t keys_in_place = 32;

/// A set bit is a stripe that some thread has.
constinit std::array<std::atomic<std::uint64_t>, core::counter_stripes / stripes_per_word>
    claimed{};

unsigned claim() noexcept {
    for (unsigned word = 0; word < claimed.size(); ++word) {
        // relaxed: the compare-and-swap decides.
        std::uint64_t seen = claimed[word].load(std::memory_order_relaxed);
        while (~seen != 0) {
            const auto bit = static_cast<unsigned>(std::countr_one(seen));
            // acquire: edge return -> claim; the counts of the last owner are seen.
            if (claimed[word].compare_exchange_weak(seen, seen | std::uint64_t{1} << bit,
                                                    std::memory_order_acquire,
                                                    std::memory_order_relaxed))
                return word * stripes_per_word + bit;
        }
    }
    return core::counter_stripes;
}

void give_back(unsigned stripe) noexcept {
    if (stripe >= core::counter_stripes) return;
    const std::uint64_t bit = std::uint64_t{1} << (stripe % stripes_per_word);
    // release: edge return -> claim.
    claimed[stripe / stripes_per_word].fetch_and(~bit, std::memory_order_release);
}

/// Called at the end of each thread that has claimed a stripe. Should a later destructor of the
/// thread use an engine, it claims anew, and this is called once more.
void at_thread_end(void* of_thread) noexcept {
    auto& mine = *static_cast<thread_state*>(of_thread);
    give_back(mine.stripe);
    mine.stripe = thread_state::unclaimed;
}

/// Made with the first engine, before any thread can need it here: see `prepare_threads`.
/// A POSIX key rather than a destructor of the thread_local: registering that one allocates, and
/// the run-time library aborts if it cannot.
pthread_key_t thread_end_key() noexcept {
    static const pthread_key_t key = [] {
        pthread_key_t made{};
        return ::pthread_key_create(&made, &at_thread_end) == 0 ? made : ~pthread_key_t{0};
    }();
    return key;
}

/// What the C++ run-time library keeps of a thread's exceptions. The Itanium C++ ABI (2.2.2) says
/// what is in it, and that it stays where it is.
struct exceptions {
    void* caught;
    unsigned uncaught;
};

}  // namespace

void prepare_threads() noexcept { static_cast<void>(thread_end_key()); }

void detail::prepare(thread_state& mine) noexcept {
    mine.uncaught = &reinterpret_cast<const exceptions*>(abi::__cxa_get_globals())->uncaught;
    // relaxed: any number will do.
    static constinit std::atomic<unsigned> threads{0};
    mine.home = threads.fetch_add(1, std::memory_order_relaxed);
    mine.stripe = claim();
    if (mine.stripe == core::counter_stripes) return;
    const pthread_key_t key = thread_end_key();
    if (key >= keys_in_place || ::pthread_setspecific(key, &mine) != 0) {
        give_back(mine.stripe);  // nobody would at the end of the thread
        mine.stripe = core::counter_stripes;
    }
}

}  // namespace admit::system
