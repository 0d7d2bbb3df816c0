// A real OpenID provider for the tests: whoever signs in as NAME is in the groups that the file `groups.json` gives that
// name, as it is then. It is `localhost`, which is another site than 127.0.0.1. Arguments: the folder with node_modules, the port, the folder with that file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [tools, port, folder] = process.argv.slice(2);
const require = createRequire(`${tools}/`);
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

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
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
