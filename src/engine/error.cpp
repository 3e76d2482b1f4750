#include <admit/error.hpp>
#include <boost/system/error_category.hpp>
#include <string>

namespace admit {

namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "admit"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::shutting_down: return "the engine is shutting down";
            case errc::global_limit: return "the limit on all conversations is reached";
            case errc::invalid_user_id:
                return "the user id is not 1 to 255 bytes long, or of another engine";
            case errc::user_limit: return "the user's limit on conversations is reached";
            case errc::queue_full: return "as many wait already as may";
            case errc::user_queue_full: return "the user waits as often already as a user may";
            case errc::wait_timeout: return "there was no room within the time to wait";
        }
        return "unknown reason " + std::to_string(value);
    }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static constinit category instance;
    return instance;
}

}  // namespace admit
