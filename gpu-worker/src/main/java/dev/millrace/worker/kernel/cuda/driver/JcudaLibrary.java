package dev.millrace.worker.kernel.cuda.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;

/// The binding's native part. It unpacks itself to a fixed name in the folder for temporary files and takes what lies
/// there without looking, so that it gets an empty folder of its own for as long as that takes.
final class JcudaLibrary {

    private static final String FOLDER = "java.io.tmpdir";

    private static boolean loaded;

    private JcudaLibrary() {}

    /// Loads it where that has not been done; the driver library is open before.
    static synchronized void load() {
        if (!loaded) {
            try {
                Path folder = Files.createTempDirectory("millrace-cuda-");
                try {
                    loadFrom(folder);
                } finally {
                    delete(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the CUDA binding could not be unpacked", e);
            }
            loaded = true;
        }
    }

    private static void loadFrom(Path folder) {
        String before = System.setProperty(FOLDER, folder.toString());
        try {
            // The first use of the class loads it. Codes are looked at by the callers.
            JCudaDriver.setExceptionsEnabled(false);
        } finally {
            System.setProperty(FOLDER, before);
        }
    }

    /// A library that is loaded needs no file any more.
    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            List<Path> all = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : all) {
                Files.delete(path);
            }
        }
    }
}
