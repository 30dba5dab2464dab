package dev.millrace.worker.config;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.List;

/// The classes that a worker on a CUDA device needs beside a CPU's: a training run, which has no such device, loads
/// them so that they are recorded, too.
final class CudaClasses {

    private static final String CLASS = ".class";

    /// One class of each folder that is loaded, with those below.
    private static final List<String> SAMPLES =
            List.of("dev/millrace/worker/kernel/cuda/CudaDevice", "jcuda/driver/JCudaDriver");

    private CudaClasses() {}

    /// Loads them without running any of their code, where they come from jars.
    ///
    /// @return how many
    static int load() throws IOException {
        int loaded = 0;
        for (String sample : SAMPLES) {
            URL place = CudaClasses.class.getClassLoader().getResource(sample + CLASS);
            if (place != null && place.openConnection() instanceof JarURLConnection jar) {
                String folder = sample.substring(0, sample.lastIndexOf('/') + 1);
                for (String name : names(jar, folder)) {
                    try {
                        Class.forName(name, false, CudaClasses.class.getClassLoader());
                        loaded++;
                    } catch (ClassNotFoundException | LinkageError e) {
                        throw new IOException("the class " + name + " cannot be loaded", e);
                    }
                }
            }
        }
        return loaded;
    }

    private static List<String> names(JarURLConnection jar, String folder) throws IOException {
        return jar.getJarFile().stream()
                .map(entry -> entry.getName())
                .filter(name -> name.startsWith(folder) && name.endsWith(CLASS))
                .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
                .toList();
    }
}
