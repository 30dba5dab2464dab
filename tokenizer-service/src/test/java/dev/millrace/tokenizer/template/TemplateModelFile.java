package dev.millrace.tokenizer.template;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A GGUF file of our own making that holds only texts.
public final class TemplateModelFile {
    private static final int STRING = 8;

    private TemplateModelFile() {}

    public static Path write(Path path, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write("GGUF".getBytes(StandardCharsets.US_ASCII));
        file.write(number(Integer.BYTES, 3));
        file.write(number(Long.BYTES, 0));
        file.write(number(Long.BYTES, metadata.size()));
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            writeString(file, entry.getKey());
            file.write(number(Integer.BYTES, STRING));
            writeString(file, entry.getValue());
        }
        return Files.write(path, file.toByteArray());
    }

    private static void writeString(ByteArrayOutputStream file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        file.write(number(Long.BYTES, bytes.length));
        file.write(bytes);
    }

    private static byte[] number(int size, long value) {
        byte[] bytes = new byte[Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        return java.util.Arrays.copyOf(bytes, size);
    }
}
