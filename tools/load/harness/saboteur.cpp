#include "load/harness/saboteur.hpp"

#include <sys/mman.h>

#include <stdexcept>
#include <utility>

namespace admit::load {
namespace {

constexpr std::size_t roomy = 10'000;
constexpr std::size_t leaked_bytes = 65'536;

}  // namespace

saboteur::saboteur(fault planted) : planted_(planted) {
    if (planted == fault::over_admission) {
        accomplice_.emplace(admit::limits{.max_concurrent = roomy, .max_per_user = roomy});
    }
    if (planted == fault::memory_leak) leaked_.resize(most_leaks);
}

saboteur::~saboteur() {
    for (void* block : leaked_) {
        if (block != nullptr) ::munmap(block, leaked_bytes);
    }
}

boost::system::result<permit> saboteur::tamper(boost::system::result<permit> admission,
                                               std::string_view user) {
    switch (planted_) {
        case fault::over_admission:
            if (!admission) return accomplice_->try_admit(user);
            break;
        case fault::false_rejection:
            if (attempts_.fetch_add(1) % 7 == 3) return make_error_code(errc::global_limit);
            break;
        case fault::wrong_reason:
            if (!admission) return make_error_code(errc::shutting_down);
            break;
        case fault::exception:
            if (attempts_.fetch_add(1) == 2) throw std::runtime_error("planted by a test");
            break;
        default: break;
    }
    return admission;
}

std::optional<permit> saboteur::let_in(engine& under_test, std::string_view user) {
    if (planted_ != fault::over_admission || under_test.retry_after(user).count() == 0) return {};
    return accomplice_->try_admit(user).value();
}

bool saboteur::end(permit& held) {
    if (planted_ == fault::memory_leak) leak();
    if (first(fault::lost_slot)) {
        held.detach();
        return true;
    }
    return held.end();
}

admit::duration saboteur::slowed(admit::duration rest) const noexcept {
    return planted_ == fault::slow_work ? rest + std::chrono::milliseconds{250} : rest;
}

/// Straight from the system: an allocator would hand out again what earlier runs gave back.
void saboteur::leak() {
    const std::size_t number = leaks_.fetch_add(1);
    if (number >= most_leaks) return;
    void* block = ::mmap(nullptr, leaked_bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    leaked_[number] = block == MAP_FAILED ? nullptr : block;
}

}  // namespace admit::load
