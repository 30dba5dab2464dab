// Runs the cases whose name begins with the first argument (all of them without) under each schedule; 1 if one fails.
#include "shim_test.h"
#include "shim_trap.h"

int main(int count, char **arguments) {
    const std::string prefix = count > 1 ? arguments[1] : "";
    setvbuf(stdout, nullptr, _IOLBF, 0);
    shim::trap();
    int run = 0;
    for (int schedule = 0; schedule < shim::SCHEDULES; schedule++)
        for (const testing::Case &each : testing::Case::all()) {
            if (std::string(each.name).rfind(prefix, 0) != 0) continue;
            shim::state.schedule = schedule;
            testing::generator().seed(7);
            const int before = testing::failures;
            const long switches = shim::state.switches;
            each.run();
            run++;
            printf("%s %s, schedule %d, %ld switches\n", testing::failures == before ? "ok  " : "FAIL", each.name,
                   schedule, shim::state.switches - switches);
        }
    if (run == 0) printf("no case %s\n", prefix.c_str());
    return testing::failures > 0 || run == 0;
}
