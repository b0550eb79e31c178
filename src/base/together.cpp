#include "base/together.hpp"

namespace busbar {
namespace {

Task<void> count_down(Task<void> task, std::size_t& left, Event& last) {
    co_await std::move(task);
    if (--left == 0) last.set();
}

}  // namespace

Task<void> together(Loop& loop, std::string_view name, std::vector<Task<void>> tasks) {
    std::size_t left = tasks.size();
    if (left == 0) co_return;
    Event last;
    for (Task<void>& task : tasks) loop.spawn(name, count_down(std::move(task), left, last));
    co_await last;
}

}  // namespace busbar
