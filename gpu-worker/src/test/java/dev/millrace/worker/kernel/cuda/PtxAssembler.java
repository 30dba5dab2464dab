package dev.millrace.worker.kernel.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/// NVIDIA's assembler for PTX, which needs neither a driver nor a device.
final class PtxAssembler {

    /// What a kernel takes on a device.
    record Usage(String kernel, String target, int registers, int spilledBytes, int sharedBytes) {}

    private static final Pattern KERNEL = Pattern.compile("Compiling entry function '(\\w+)' for '(\\w+)'");
    private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
    private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

    private static boolean loaded;

    private PtxAssembler() {}

    /// The binding unpacks itself to a fixed name in the folder for temporary files: it gets one of its own.
    static synchronized void load() throws IOException {
        if (loaded) {
            return;
        }
        Path folder = Files.createTempDirectory("millrace-ptx-");
        String before = System.setProperty("java.io.tmpdir", folder.toString());
        try {
            JNvPTXCompiler.setExceptionsEnabled(false);
            loaded = true;
        } finally {
            System.setProperty("java.io.tmpdir", before);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /// @return one usage for each kernel of the text
    /// @throws IllegalArgumentException with the assembler's words where it refuses the text
    static List<Usage> assemble(String ptx, String target) {
        byte[] text = (ptx + "\0").getBytes(StandardCharsets.US_ASCII);
        nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
        check(JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text), "create");
        try {
            String[] options = {"--gpu-name=" + target, "--verbose"};
            if (JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options) != 0) {
                throw new IllegalArgumentException(errors(compiler));
            }
            return usages(information(compiler));
        } finally {
            check(JNvPTXCompiler.nvPTXCompilerDestroy(compiler), "destroy");
        }
    }

    private static void check(int code, String call) {
        if (code != 0) {
            throw new IllegalStateException("the PTX assembler fails to %s (%d)".formatted(call, code));
        }
    }

    private static String errors(nvPTXCompilerHandle compiler) {
        long[] bytes = new long[1];
        check(JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, bytes), "tell an error");
        byte[] log = new byte[(int) bytes[0] + 1];
        check(JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log), "tell an error");
        return new String(log, StandardCharsets.UTF_8).strip();
    }

    private static String information(nvPTXCompilerHandle compiler) {
        long[] bytes = new long[1];
        check(JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, bytes), "tell usages");
        byte[] log = new byte[(int) bytes[0] + 1];
        check(JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log), "tell usages");
        return new String(log, StandardCharsets.UTF_8);
    }

    private static List<Usage> usages(String information) {
        List<Usage> usages = new ArrayList<>();
        Matcher kernel = KERNEL.matcher(information);
        while (kernel.find()) {
            String rest = information.substring(kernel.end());
            Matcher next = KERNEL.matcher(rest);
            String own = next.find() ? rest.substring(0, next.start()) : rest;
            int spilled = number(SPILLS, own, 1) + number(SPILLS, own, 2);
            usages.add(new Usage(
                    kernel.group(1), kernel.group(2), number(REGISTERS, own, 1), spilled, number(SHARED, own, 1)));
        }
        return usages;
    }

    private static int number(Pattern pattern, String text, int group) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(group)) : 0;
    }
}
