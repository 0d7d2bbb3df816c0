// A real OpenID provider for the tests: whoever signs in as NAME is in the groups that the file `groups.json` gives that
// name, as it is then. It is `localhost`, which is another site than 127.0.0.1. It says on which
// port it listens. Arguments: the folder with node_modules, the folder with that file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [tools, folder] = process.argv.slice(2);
const require = createRequire(`${tools}/`);
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const server = createServer();
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const { port } = server.address();
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "hikeshi",
    client_secret: "a secret of the tests",
    application_type: "native", // Loopback addresses with any port (RFC 8252, 7.3).
    redirect_uris: ["http://127.0.0.1/sign-in/openid/back"],
    token_endpoint_auth_method: "client_secret_basic",
  }],
  claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
  scopes: ["openid", "profile", "groups"],
  pkce: { required: () => true },
  async findAccount(_, id) {
    const groups = JSON.parse(readFileSync(`${folder}/groups.json`, "utf8"))[id] ?? [];
    return { accountId: id, claims: async () => ({ sub: id, preferred_username: id, groups }) };
  },
});
server.on("request", provider.callback());
console.log(`ready ${port}`);
