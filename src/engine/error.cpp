// SPDX-License-Identifier: BSL-1.0
#include <admit/error.hpp>
#include <string>

namespace admit {

namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "admit"; }

    std::string message(int value) const override {
        const char* const known = literal(value);
        return known != nullptr ? known : "unknown reason " + std::to_string(value);
    }

    const char* message(int value, char* buffer, std::size_t size) const noexcept override {
        const char* const known = literal(value);
        return known != nullptr ? known : error_category::message(value, buffer, size);
    }

private:
    static const char* literal(int value) noexcept {
        switch (static_cast<errc>(value)) {
            case errc::shutting_down: return "the engine is shutting down";
            case errc::global_limit: return "the limit on all conversations is reached";
            case errc::invalid_user_id:
                return "the user id is not 1 to 255 bytes long, or its key is of another engine";
            case errc::user_limit: return "this user's limit on conversations is reached";
            case errc::queue_full: return "the waiting queue is full";
            case errc::user_queue_full: return "this user's waiting queue is full";
            case errc::wait_timeout:
                return "no free slot within the time that the request may wait";
        }
        return nullptr;
    }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static constinit category instance;
    return instance;
}

}  // namespace admit
