package dev.millrace.worker.kernel.cuda.driver;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/// What the driver says of its devices.
final class JcudaDevices {

    private static final int TEXT_BYTES = 256;

    private JcudaDevices() {}

    static CUdevice device(int ordinal) {
        CUdevice device = new CUdevice();
        JcudaDriver.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet", "device " + ordinal);
        return device;
    }

    static DeviceFacts facts(int ordinal) {
        CUdevice device = device(ordinal);
        long[] bytes = new long[1];
        JcudaDriver.check(JCudaDriver.cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem", "device " + ordinal);
        return new DeviceFacts(
                ordinal,
                name(device, ordinal),
                uuid(device),
                pciBus(device),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                bytes[0],
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
    }

    private static String name(CUdevice device, int ordinal) {
        byte[] text = new byte[TEXT_BYTES];
        JcudaDriver.check(
                JCudaDriver.cuDeviceGetName(text, TEXT_BYTES, device), "cuDeviceGetName", "device " + ordinal);
        int length = 0;
        while (length < TEXT_BYTES && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }

    /// Only for telling devices apart: a driver that has none is no reason to refuse it.
    private static String uuid(CUdevice device) {
        CUuuid uuid = new CUuuid();
        return JCudaDriver.cuDeviceGetUuid(uuid, device) == 0 ? HexFormat.of().formatHex(uuid.bytes) : "";
    }

    private static String pciBus(CUdevice device) {
        String[] text = {""};
        return JCudaDriver.cuDeviceGetPCIBusId(text, TEXT_BYTES, device) == 0 ? text[0].strip() : "";
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        JcudaDriver.check(
                JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
                "cuDeviceGetAttribute",
                "attribute " + attribute);
        return value[0];
    }
}
