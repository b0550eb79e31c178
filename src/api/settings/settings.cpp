#include "api/settings/settings.hpp"

#include "base/log.hpp"

namespace busbar::api {

Settings::Settings(Loop& loop, std::unique_ptr<SettingsStore> store)
    : loop_(loop), store_(std::move(store)), worker_("busbar-settings") {
    auto start = store_->control_at_start();
    if (!start.problem.empty()) log(Level::error, "settings", start.problem);
    control_ = std::move(start.control);
    is_limit_lost_ = start.is_limit_lost;
    problem_ = std::move(start.problem);
}

Task<Status> Settings::save_control(StoredControl control, AuditRow audit) {
    auto work = [control, audit = std::move(audit)](SettingsStore& store) {
        return store.save_control(control, audit);
    };
    auto saved = co_await on_store(std::move(work));
    if (saved) control_ = std::move(control);
    co_return saved;
}

Task<Result<std::vector<AuditRow>>> Settings::audit(std::size_t limit, std::optional<WallTime> before) {
    auto work = [limit, before](SettingsStore& store) { return store.audit(limit, before); };
    co_return co_await on_store(std::move(work));
}

void Settings::post(std::function<void(SettingsStore&)> work) {
    worker_.submit([store = store_, work = std::move(work)] { work(*store); });
}

}  // namespace busbar::api
