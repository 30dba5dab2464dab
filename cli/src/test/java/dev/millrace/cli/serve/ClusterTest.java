package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.Installation;
import dev.millrace.cli.device.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path root;

    @Test
    void a_cluster_is_a_tokenizer_service_a_worker_for_each_stage_and_a_gateway() throws IOException {
        List<ProcessSpec> processes = cluster(3, 8);

        assertThat(processes)
                .extracting(ProcessSpec::name)
                .containsExactly("tokenizer-service", "worker-1", "worker-2", "worker-3", "gateway");
        assertThat(processes)
                .allSatisfy(process ->
                        assertThat(process.environment()).containsEntry("MILLRACE_EXIT_WITH_PARENT", "true"));
    }

    @Test
    void workers_wait_for_the_tokenizer_service_that_they_dial() throws IOException {
        assertThat(cluster(1, 1)).extracting(ProcessSpec::after).containsExactly("", "tokenizer-service", "");
    }

    @Test
    void each_process_is_told_what_it_must_know() throws IOException {
        List<ProcessSpec> processes = cluster(2, 4);

        assertThat(processes.get(0).command())
                .contains(
                        "--millrace.model=/models/m.gguf",
                        "--millrace.stages=2",
                        "--millrace.context-length=256",
                        "--millrace.parallel=5",
                        "--millrace.kv-type=q8_0",
                        "--millrace.grpc.host=127.0.0.1",
                        "--millrace.grpc.port=4321");
        assertThat(processes.get(1).command())
                .contains(
                        "-Xmn16m",
                        "--model=/models/m.gguf",
                        "--tokenizer=127.0.0.1:4321",
                        "--worker-id=worker-1",
                        "--device=cpu",
                        "--threads=2",
                        "--threads-alone=4",
                        "--cpu-kernels=auto",
                        "--weight-cache=auto");
        assertThat(processes.get(3).command())
                .contains("--server.address=0.0.0.0", "--server.port=8081", "--millrace.tokenizer=127.0.0.1:4321")
                .doesNotContain("-Xmn16m");
    }

    @Test
    void a_stage_has_one_thread_at_least() throws IOException {
        assertThat(cluster(3, 2).get(1).command()).contains("--threads=1", "--threads-alone=2");
    }

    @Test
    void each_worker_is_told_its_device_and_only_those_on_the_cpu_share_its_threads() throws IOException {
        List<ProcessSpec> processes = cluster(List.of(Place.cuda(1), Place.CPU, Place.cuda(0)), 4);

        assertThat(processes.get(1).command())
                .contains("--worker-id=worker-1", "--device=cuda:1")
                .noneMatch(word -> word.startsWith("--threads") || word.startsWith("--cpu-kernels"));
        assertThat(processes.get(2).command()).contains("--device=cpu", "--threads=4", "--threads-alone=4");
        assertThat(processes.get(3).command()).contains("--worker-id=worker-3", "--device=cuda:0");
    }

    @Test
    void a_start_up_cache_is_used_where_there_is_one() throws IOException {
        assertThat(cluster(1, 1).get(2).command()).noneMatch(word -> word.startsWith("-XX:AOTCache"));

        Path cache = Files.createFile(root.resolve("gateway/target/startup.aot"));

        assertThat(cluster(1, 1).get(2).command()).contains("-XX:AOTCache=" + cache);
    }

    @Test
    void the_address_for_clients_is_one_they_can_reach() {
        assertThat(settings("0.0.0.0").url()).isEqualTo("http://127.0.0.1:8081");
        assertThat(settings("::1").url()).isEqualTo("http://[::1]:8081");
        assertThat(settings("::").url()).isEqualTo("http://[::1]:8081");
        assertThat(settings("myhost").url()).isEqualTo("http://myhost:8081");
        assertThat(settings("x").modelId()).isEqualTo("m");
    }

    private List<ProcessSpec> cluster(int stages, int threads) throws IOException {
        return cluster(Collections.nCopies(stages, Place.CPU), threads);
    }

    private List<ProcessSpec> cluster(List<Place> places, int threads) throws IOException {
        for (Service service : Service.values()) {
            Path target = Files.createDirectories(root.resolve(service.module()).resolve("target"));
            Files.write(target.resolve("millrace-" + service.module() + "-0.1.0.jar"), new byte[0]);
        }
        OptionFiles.writeTo(root);
        ServeSettings settings = new ServeSettings(
                Path.of("/models/m.gguf"),
                places,
                256,
                5,
                "0.0.0.0",
                8081,
                threads,
                KvType.Q8_0,
                CpuKernels.AUTO,
                "auto");
        return new Cluster(settings, new JavaCommand(new Installation(root, Path.of("/jdk"))), 4321).processes();
    }

    private static ServeSettings settings(String host) {
        return new ServeSettings(
                Path.of("/models/m.gguf"),
                List.of(Place.CPU),
                0,
                1,
                host,
                8081,
                1,
                KvType.F16,
                CpuKernels.AUTO,
                "auto");
    }
}
