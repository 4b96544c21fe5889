/** Traces of the example app that several tests expect. */

/** A webhook that is delivered at the first attempt, with the attributes that say how it went. */
export const WEBHOOK_TREE_WITH_OUTCOMES = `
POST /webhooks/stripe [server] {http.response.status_code=200 webhook.outcome=processed}
├─ webhook verify
└─ pipeline:receive [client]
   └─ pipeline:receive [server]
      ├─ webhook normalize
      ├─ webhook route
      │  └─ query webhookDeliveries [client]
      ├─ insert webhookDeliveries [client]
      ├─ insert events [client]
      ├─ insert automationTasks [client]
      └─ schedule tasks:executeTask [producer]
         └─ process tasks:executeTask [consumer] {webhook.outcome=processed webhook.retry_count=0}
            ├─ tasks:load [client]
            ├─ POST [client] {http.response.status_code=200}
            └─ tasks:settle [client]
               └─ tasks:settle [server]
                  ├─ get automationTasks [client]
                  └─ patch automationTasks [client]
`;

/** The same without attributes. */
export const WEBHOOK_TREE = WEBHOOK_TREE_WITH_OUTCOMES.replace(/ \{.*\}/g, "");
