// Modules and launches of the fake driver.
#include "fake_call.h"
#include "fake_module.h"
#include "shim_trap.h"

using namespace fake;

namespace {

constexpr int STATIC_SHARED = 1, THREADS_LIMIT = 0, LOCAL_BYTES = 3, REGISTERS = 4, DYNAMIC_SHARED_LIMIT = 8;
constexpr int ERROR_LOG = 5, ERROR_LOG_BYTES = 6;
constexpr size_t SHARED_OPT_IN = 163 << 10;

Function *function_of(void *handle) {
    for (Module *module : fake::fake().modules)
        for (auto &[name, function] : module->functions)
            if (&function == handle) return &function;
    return nullptr;
}

int run(const Function &function, Device *device, dim3 grid, dim3 block, size_t shared_bytes,
        const std::function<void()> &body) {
    if (const int code = fake::fake().fault("kernel " + function.name)) return code;
    if (!fake::fake().computes) return SUCCESS;
    shim::trap();
    const std::string error = shim::launch(grid, block, shared_bytes, body);
    if (!error.empty()) {
        const bool is_address = error.rfind("address", 0) == 0;
        return fake::fake().say(is_address ? ILLEGAL_ADDRESS : LAUNCH_FAILED, "kernel " + function.name + ": " + error);
    }
    if (const size_t bytes = overrun(device))
        return fake::fake().say(ILLEGAL_ADDRESS, "kernel " + function.name + " wrote beyond the end of " +
                                               std::to_string(bytes) + " bytes of memory");
    return SUCCESS;
}

int wrong_size(const Function &function, dim3 grid, dim3 block, size_t shared_bytes) {
    const size_t threads = static_cast<size_t>(block.x) * block.y * block.z;
    const bool is_grid = grid.x > 0 && grid.x < 1u << 31 && grid.y > 0 && grid.y < 65536 && grid.z > 0 && grid.z < 65536;
    if (!is_grid || threads == 0 || threads > 1024)
        return fake::fake().say(INVALID_VALUE, "kernel " + function.name + " with a grid or block that cannot be");
    if (threads > function.threads_limit)
        return fake::fake().say(INVALID_VALUE, "kernel " + function.name + " with a block above its bounds");
    if (shared_bytes > function.dynamic_shared_limit)
        return fake::fake().say(INVALID_VALUE, "kernel " + function.name + " with more shared memory than its limit");
    return SUCCESS;
}

// Arguments as a buffer: {1, buffer, 2, pointer to its bytes, 0}.
std::vector<void *> from_buffer(const Function &function, void **extra) {
    std::vector<void *> arguments;
    char *const buffer = static_cast<char *>(extra[1]);
    size_t at = 0;
    for (const size_t bytes : function.kernel->argument_bytes) {
        at = (at + bytes - 1) / bytes * bytes;
        arguments.push_back(buffer + at);
        at += bytes;
    }
    return arguments;
}
}  // namespace

API cuModuleLoadDataEx(void **handle, const void *image, unsigned count, int *options, void **values) {
    CALL_IN_CONTEXT("cuModuleLoadDataEx");
    NOT_IN_CAPTURE("cuModuleLoadDataEx");
    Module *const module = new Module{current, {}};
    const int code = read_ptx("\n" + std::string(static_cast<const char *>(image)), module);
    if (code == SUCCESS) {
        fake::fake().modules.insert(module);
        *handle = module;
        return SUCCESS;
    }
    delete module;
    char *log = nullptr;
    size_t bytes = 0;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == ERROR_LOG) log = static_cast<char *>(values[i]);
        if (options[i] == ERROR_LOG_BYTES) bytes = reinterpret_cast<size_t>(values[i]) & 0xffffffff;
    }
    if (log && bytes > 0) snprintf(log, bytes, "%s", fake::fake().last_error.c_str());
    return code;
}

API cuModuleLoadData(void **handle, const void *image) { return cuModuleLoadDataEx(handle, image, 0, nullptr, nullptr); }

API cuModuleUnload(void *handle) {
    CALL_TO_RELEASE("cuModuleUnload");
    NOT_IN_CAPTURE("cuModuleUnload");
    Module *const module = static_cast<Module *>(handle);
    if (!fake::fake().modules.count(module)) return INVALID_HANDLE;
    drain(module->device);
    fake::fake().modules.erase(module);
    delete module;
    return current->sticky;
}

API cuModuleGetFunction(void **handle, void *module_handle, const char *name) {
    CALL_IN_CONTEXT("cuModuleGetFunction");
    Module *const module = static_cast<Module *>(module_handle);
    if (!fake::fake().modules.count(module)) return INVALID_HANDLE;
    const auto at = module->functions.find(name);
    if (at == module->functions.end()) return fake::fake().say(NOT_FOUND, std::string("no kernel ") + name);
    *handle = &at->second;
    return SUCCESS;
}

API cuFuncGetAttribute(int *value, int attribute, void *handle) {
    CALL_IN_CONTEXT("cuFuncGetAttribute");
    Function *const function = function_of(handle);
    if (!function) return INVALID_HANDLE;
    function->loaded = true;
    switch (attribute) {
        case THREADS_LIMIT: *value = static_cast<int>(function->threads_limit); break;
        case STATIC_SHARED: *value = static_cast<int>(function->static_shared_bytes); break;
        case DYNAMIC_SHARED_LIMIT: *value = static_cast<int>(function->dynamic_shared_limit); break;
        case REGISTERS: *value = 32; break;
        case LOCAL_BYTES: *value = 0; break;
        default: return INVALID_VALUE;
    }
    return SUCCESS;
}

API cuFuncSetAttribute(void *handle, int attribute, int value) {
    CALL_IN_CONTEXT("cuFuncSetAttribute");
    Function *const function = function_of(handle);
    if (!function) return INVALID_HANDLE;
    if (attribute == DYNAMIC_SHARED_LIMIT) {
        if (value < 0 || static_cast<size_t>(value) + function->static_shared_bytes > SHARED_OPT_IN) return INVALID_VALUE;
        function->dynamic_shared_limit = static_cast<size_t>(value);
    }
    function->loaded = true;
    return SUCCESS;
}

API cuLaunchKernel(void *handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared_bytes, void *stream_handle, void **arguments, void **extra) {
    CALL_IN_CONTEXT("cuLaunchKernel");
    Function *const function = function_of(handle);
    Stream *const stream = stream_of(stream_handle);
    if (!function || !stream) return fake::fake().say(INVALID_HANDLE, "a launch of no kernel, or on no stream");
    const dim3 grid(grid_x, grid_y, grid_z), block(block_x, block_y, block_z);
    if (const int code = wrong_size(*function, grid, block, shared_bytes)) return code;
    if (stream->capture && !function->loaded) {
        stream->invalidated = true;
        return fake::fake().say(CAPTURE_UNSUPPORTED, "kernel " + function->name + " is launched in a capture before it was loaded");
    }
    function->loaded = true;
    std::vector<void *> unpacked;
    if (!arguments && extra) unpacked = from_buffer(*function, extra);
    const std::function<void()> body = function->kernel->bind(arguments ? arguments : unpacked.data());
    const Function copied = *function;
    Device *const device = current;
    return put(stream, [=] { return run(copied, device, grid, block, shared_bytes, body); });
}
