import java.nio.file.Path;
import java.time.Duration;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.connectors.HttpConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/**
 * A Neo4j Community server with Bolt on 127.0.0.1: FOLDER PORT auth|open OWNER. Says "ready" when it answers, shuts down cleanly on SIGTERM, and ends when the process
 * OWNER is gone.
 */
public class Launcher {
  public static void main(String[] args) throws Exception {
    var builder =
        new DatabaseManagementServiceBuilder(Path.of(args[0]))
            .setConfig(BoltConnector.enabled, true)
            .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", Integer.parseInt(args[1])))
            .setConfig(HttpConnector.enabled, false)
            .setConfig(GraphDatabaseSettings.auth_enabled, args[2].equals("auth"))
            .setConfig(GraphDatabaseSettings.udc_enabled, false)
            .setConfig(GraphDatabaseSettings.pagecache_memory, 256L << 20)
            .setConfig(GraphDatabaseSettings.check_point_interval_time, Duration.ofMinutes(15));
    var service = builder.build();
    Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
    System.out.println("ready");
    var owner = Long.parseLong(args[3]);
    while (ProcessHandle.of(owner).map(ProcessHandle::isAlive).orElse(false)) Thread.sleep(1000);
    Runtime.getRuntime().halt(0);
  }
}
