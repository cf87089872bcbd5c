const GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const GROUP = "[\\p{L}\\p{N}_.()-]{0,89}[\\p{L}\\p{N}_()-]";
const NAME = "[a-z0-9](?:[a-z0-9_.-]{0,78}[a-z0-9_])?";

/** A Private Link Service by its ARM id. */
export const PRIVATE_LINK_SERVICE = new RegExp(
  `^/subscriptions/${GUID}/resourceGroups/${GROUP}/providers/Microsoft\\.Network/privateLinkServices/${NAME}$`,
  "iu",
);
/** A Private Link Service by the name that Azure gives it for others: `<prefix>.<guid>.<region>.azure.privatelinkservice`. */
export const PRIVATE_LINK_ALIAS = new RegExp(`^${NAME}\\.${GUID}\\.[a-z][a-z0-9]+\\.azure\\.privatelinkservice$`, "iu");
/** An action group of Azure Monitor: who is told of an alert. */
export const ACTION_GROUP = new RegExp(
  `^/subscriptions/${GUID}/resourceGroups/${GROUP}/providers/Microsoft\\.Insights/actionGroups/[^/\\p{C}]{1,260}$`,
  "iu",
);
/** A subscription. */
export const SUBSCRIPTION_ID = new RegExp(`^${GUID}$`, "i");
