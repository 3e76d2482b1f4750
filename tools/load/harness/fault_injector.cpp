// SPDX-License-Identifier: BSL-1.0
#include "load/harness/fault_injector.hpp"

#include <sys/mman.h>

#include <stdexcept>
#include <utility>

namespace admit::load {
namespace {

constexpr std::size_t second_limit = 10'000;
constexpr std::size_t leaked_bytes = 65'536;

boost::system::result<held_permit> as_held(boost::system::result<permit> answer) {
    if (!answer) return answer.error();
    return held_permit(std::move(*answer));
}

}  // namespace

fault_injector::fault_injector(fault planted) : planted_(planted) {
    if (planted == fault::over_admission) {
        second_engine_.emplace(
            admit::limits{.max_concurrent = second_limit, .max_per_user = second_limit});
    }
    if (planted == fault::memory_leak) leaked_.resize(max_leaks);
}

fault_injector::~fault_injector() {
    for (void* block : leaked_) {
        if (block != nullptr) ::munmap(block, leaked_bytes);
    }
}

boost::system::result<held_permit> fault_injector::alter(
    boost::system::result<held_permit> admission, std::string_view user) {
    switch (planted_) {
        case fault::over_admission:
            if (!admission) return as_held(second_engine_->try_admit(user));
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

std::optional<permit> fault_injector::admit_early(engine& under_test, std::string_view user) {
    if (planted_ != fault::over_admission || under_test.retry_after(user).count() == 0) return {};
    return second_engine_->try_admit(user).value();
}

bool fault_injector::end(held_permit& held) {
    if (planted_ == fault::memory_leak) leak();
    permit* of_engine = std::get_if<permit>(&held);
    if (of_engine == nullptr) {
        held.emplace<permit>();  // a baseline's permit ends with its object
        return true;
    }
    if (first(fault::lost_slot)) {
        of_engine->detach();
        return true;
    }
    return of_engine->end();
}

admit::duration fault_injector::slowed(admit::duration sleep) const noexcept {
    return planted_ == fault::slow_work ? sleep + std::chrono::milliseconds{250} : sleep;
}

/// Memory comes from the system, because an allocator would reuse freed blocks of earlier runs.
void fault_injector::leak() {
    const std::size_t number = leaks_.fetch_add(1);
    if (number >= max_leaks) return;
    void* block = ::mmap(nullptr, leaked_bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    leaked_[number] = block == MAP_FAILED ? nullptr : block;
}

}  // namespace admit::load
