package dev.millrace.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class RoomTest {
    @Test
    void the_command_line_knows_http_processes_and_model_files_and_nothing_else() {
        JavaClasses room = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.millrace.cli");

        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.millrace.cli..",
                        "dev.millrace.gguf",
                        "java..",
                        "com.sun.management",
                        "picocli..",
                        "tools.jackson..",
                        "org.jspecify.annotations")
                .check(room);
    }
}
