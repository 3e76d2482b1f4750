// Who keeps the memory of an engine from the next one: the engine while it is there, then those who
// still hold slots of it, and whoever is at work in it. The last to leave passes it on.
#pragma once

#include <cstdint>

#include "base/atomic.hpp"

namespace admit::core {

class lifetime_count {
public:
    /// The engine goes. So many others leave when they are done, or have left already. True: the
    /// caller is the last of all.
    bool drop_engine(std::int64_t others) noexcept { return change(others - engine); }

    /// One of the others leaves. True: it is the last of all.
    bool unpin() noexcept { return change(-1); }

    /// One more, who leaves in the end. False: nobody keeps the memory. The caller then looks whose
    /// memory it is: that does not change before it leaves. Lock-free.
    bool try_pin() noexcept {
        // relaxed, also on failure: the compare-and-swap decides.
        std::int64_t seen = count_.load(memory_order_relaxed);
        while (seen != 0) {
            // acquire: edge unpin -> reuse; of an engine that has gone the number says so.
            if (count_.compare_exchange_weak(seen, seen + 1, memory_order_acquire,
                                             memory_order_relaxed))
                return true;
        }
        return false;
    }

    /// The next engine is there.
    void reset() noexcept {
        // release: edge unpin -> reuse, for who joins; the number of the engine before is gone.
        count_.store(engine, memory_order_release);
    }

private:
    // More than there are others: some may leave before the engine has counted them.
    static constexpr std::int64_t engine = std::int64_t{1} << 40;

    bool change(std::int64_t by) noexcept {
        // acq_rel: edge unpin -> reuse; the last one sees all that the others did.
        return count_.fetch_add(by, memory_order_acq_rel) + by == 0;
    }

    atomic<std::int64_t> count_{engine};
};

}  // namespace admit::core
