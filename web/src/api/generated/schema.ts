// Generated from src/api/openapi.yaml by `npm run types`. Do not edit.
export interface paths {
    "/api/v1/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description. */
        get: operations["getDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the first account still has to be made. */
        get: operations["getSetup"];
        put?: never;
        /** Makes the first account (role installer) with the printed one-time code. */
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is logged in, and the last logins of that account. */
        get: operations["getSession"];
        put?: never;
        /**
         * Opens a session.
         * @description Five failures within five minutes from one address lock that address out of that account for ten minutes (429 with
         *     `retry_after_s`); other addresses are not affected.
         */
        post: operations["logIn"];
        /** Ends the session; its token is worthless from then on. */
        delete: operations["logOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes one's own password; every other session of the account ends. */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All accounts. */
        get: operations["listAccounts"];
        put?: never;
        /** Adds a personal account. */
        post: operations["addAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes an account and ends its sessions. The last installer stays (409). */
        delete: operations["removeAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what, newest first. */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The gateway itself. */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens now, in one sentence and a few numbers. */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All devices of the site. */
        get: operations["listDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One device. */
        get: operations["getDevice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Present values, of one device or of all. */
        get: operations["listPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/buses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The lines and connections to the devices, with statistics. */
        get: operations["listBuses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Series over a span as min, mean, max per bucket.
         * @description Only buckets with samples are listed; there is a gap where `t` jumps by more than `step_ms`. The last bucket may
         *     reach beyond `to`.
         */
        get: operations["getHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/history/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which series are kept. */
        get: operations["listSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/energy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Energy per hour, day or month (steps follow the site's time zone). */
        get: operations["getEnergy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every raw sample as CSV, streamed.
         * @description Header row `time,<series> [unit],...`; rows in order of time, ISO 8601 UTC with milliseconds; an empty cell where a
         *     series has no sample at that instant. If reading fails half-way the connection is closed without the final chunk.
         */
        get: operations["exportHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last setpoints with the chain of who decided what, newest first. */
        get: operations["listDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alarms, newest first. */
        get: operations["listAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/control": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the site is controlled. */
        get: operations["getControlSettings"];
        /** Changes them. Durable before the answer; in force from the next control cycle. */
        put: operations["putControlSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * WebSocket; text frames, each one `LiveMessage`, about one a second and never more than four.
         * @description The first message is `hello` with every point; then `update` with what changed. Ages of unchanged values are
         *     refreshed every 10 s. A client that reads slowly gets fewer, merged updates (the latest value wins; at most 16
         *     messages wait); one that reads nothing for 30 s is closed with code 1013. 1008: the session ended.
         *     The client need not send anything; `{"type":"ping"}` is answered with `{"type":"pong"}` and counts as use of the
         *     session. A message above 1 KiB closes the socket with 1009.
         */
        get: operations["openLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            error: {
                /** @enum {string} */
                kind: "timeout" | "refused" | "malformed" | "out_of_range" | "unsupported" | "unavailable" | "denied" | "corrupt" | "internal";
                /** @description one sentence that names the place: "feed_in_limit.value: 160 is above 100 %" */
                text: string;
                /** @description what to do */
                remedy?: string;
                /** @description which field of the request */
                field?: string;
                /** @description with 429 and 503: seconds until another try makes sense */
                retry_after_s?: number;
            };
        };
        Setup: {
            needed: boolean;
            /** @description the site's name */
            name: string;
            version: string;
        };
        SetupRequest: {
            /** @description the printed code; case */
            code: string;
            username: components["schemas"]["Username"];
            password: components["schemas"]["NewPassword"];
            /** @description kept with the account */
            language?: string;
        };
        LoginRequest: {
            username: string;
            password: string;
        };
        PasswordChange: {
            old: string;
            new: components["schemas"]["NewPassword"];
        };
        /** @description compared without regard to case */
        Username: string;
        /** @description any characters; common passwords are refused */
        NewPassword: string;
        /** @enum {string} */
        Role: "viewer" | "owner" | "installer";
        Session: {
            username: string;
            role: components["schemas"]["Role"];
            language: string | null;
            /** @description when it ends if it is not used: 30 min idle, at most 12 h in all */
            expires: number;
            /** @description newest first, at most 10, this one included */
            last_logins: components["schemas"]["Login"][];
        };
        Login: {
            at: number;
            address: string;
            ok: boolean;
        };
        Account: {
            username: string;
            role: components["schemas"]["Role"];
            created: number;
            last_login: number | null;
        };
        AccountList: {
            accounts: components["schemas"]["Account"][];
        };
        NewAccount: {
            username: components["schemas"]["Username"];
            password: components["schemas"]["NewPassword"];
            role: components["schemas"]["Role"];
        };
        AuditList: {
            rows: components["schemas"]["AuditRow"][];
        };
        AuditRow: {
            at: number;
            who: string;
            address: string;
            /** @description for example "settings.control" */
            what: string;
            /** @description before */
            old: string | null;
            new: string | null;
        };
        Status: {
            name: string;
            version: string;
            started: number;
            now: number;
            /** @description IANA name of the site's time zone */
            timezone: string;
            cycle: {
                period_ms: number;
                /** @description control cycles since start */
                count: number;
                /** @description worst lateness of a cycle since start */
                late_ms_max: number;
            };
            history: {
                samples: number;
                bytes: number;
                oldest: number | null;
                /** @description samples that could not be kept since start */
                lost: number;
            };
            memory_bytes: number;
            /** @description of one core */
            cpu_percent: number | null;
        };
        Flow: {
            value: number | null;
            age_ms: number | null;
        };
        Overview: {
            at: number;
            /** @description the interface says it in the user's language */
            sentence: {
                /** @enum {string} */
                key: "charging_from_sun" | "discharging_to_house" | "feeding_in" | "importing" | "feed_in_limited" | "balanced" | "meter_unknown" | "no_devices";
                /** @description numbers of the sentence, for example power_w */
                values: {
                    [key: string]: number;
                };
            };
            /** @description W (battery_soc: %); pv + production, battery + discharge, grid + import, house + consumption */
            flow: {
                pv_w: components["schemas"]["Flow"];
                battery_w: components["schemas"]["Flow"];
                grid_w: components["schemas"]["Flow"];
                house_w: components["schemas"]["Flow"];
                battery_soc: components["schemas"]["Flow"];
            };
            /** @description since local midnight; all >= 0 */
            today: {
                pv_wh: number | null;
                house_wh: number | null;
                import_wh: number | null;
                export_wh: number | null;
                charged_wh: number | null;
                discharged_wh: number | null;
                /** @description share of the PV energy that was used here */
                self_consumption_percent: number | null;
                /** @description share of the consumption that did not come from the grid */
                autarky_percent: number | null;
            };
            feed_in_limit: {
                mode: components["schemas"]["FeedInMode"];
                value: number;
                /** @description most power that may be fed in, W >= 0; null = no limit */
                limit_w: number | null;
                /** @description true while it holds production back */
                active: boolean;
            };
            /** @description how many are active */
            alarms: {
                critical: number;
                major: number;
                minor: number;
                warning: number;
            };
        };
        /** @description since start; latencies from the last byte of the request to the last byte of the answer */
        Statistics: {
            requests: number;
            answers: number;
            timeouts: number;
            crc_errors: number;
            exceptions: number;
            latency_us_p50: number;
            latency_us_p99: number;
        };
        Device: {
            id: string;
            name: string;
            /** @description said by the device; treat as foreign text */
            maker: string;
            /** @description said by the device */
            model: string;
            /** @description said by the device */
            serial: string;
            /** @description said by the device */
            firmware: string;
            /** @description for example "huawei/sun2000" */
            profile: string;
            /** @enum {string} */
            use: "grid_meter" | "pv" | "hybrid" | "battery" | "sub_meter";
            bus: string;
            /** @description address on the bus */
            unit: number;
            /** @enum {string} */
            state: "online" | "offline" | "starting" | "quarantined";
            /** @description when that state began */
            since: number | null;
            last_data: number | null;
            /** @description what is wrong and what to do */
            problem: string | null;
            capabilities: string[];
            /**
             * @description how well the profile is proven
             * @enum {string}
             */
            verified: "documented" | "single-source" | "captured" | "device";
            /** @description what the device does when the gateway falls silent, per setpoint */
            fallback: {
                role: string;
                /** @description false = it keeps the last setpoint for ever */
                reverts: boolean;
                after_s: number | null;
                to: string;
            }[];
            statistics: components["schemas"]["Statistics"];
        };
        DeviceList: {
            devices: components["schemas"]["Device"][];
        };
        /** @enum {string} */
        Quality: "good" | "stale" | "invalid" | "unknown";
        Point: {
            /** @description device and role: "roof/ac.power" */
            id: string;
            device: string;
            role: string;
            /** @description "W", "Wh", "V", "A", "Hz", "°C", "%", "var"; empty = none */
            unit: string;
            /** @enum {string} */
            kind: "state" | "counter" | "setting" | "setpoint";
            /** @description the last good value; see quality */
            value: number | null;
            quality: components["schemas"]["Quality"];
            age_ms: number | null;
            /** @description name of a state code */
            text: string | null;
        };
        PointList: {
            points: components["schemas"]["Point"][];
        };
        UnitStatistics: components["schemas"]["Statistics"] & {
            unit: number;
            /** @description backed off; only probed */
            silent: boolean;
        };
        Bus: {
            id: string;
            /** @description "/dev/ttyUSB0 9600 8N1", "tcp 192.168.8.20:502" */
            link: string;
            connected: boolean;
            problem: string | null;
            /** @description share of the last 10 s in which the wire was in use */
            utilisation: number;
            bytes_in: number;
            bytes_out: number;
            reconnects: number;
            units: components["schemas"]["UnitStatistics"][];
        };
        BusList: {
            buses: components["schemas"]["Bus"][];
        };
        /** @description columns of equal length */
        HistorySeries: {
            series: string;
            unit: string;
            from: number;
            to: number;
            /** @description width of a bucket */
            step_ms: number;
            /** @description start of the bucket */
            t: number[];
            min: number[];
            /** @description weighted by time */
            mean: number[];
            max: number[];
            /** @description samples in the bucket */
            count: number[];
        };
        History: {
            results: components["schemas"]["HistorySeries"][];
        };
        SeriesList: {
            series: {
                id: string;
                unit: string;
                /** @description smallest step kept */
                resolution: number;
                first: number | null;
                last: number | null;
            }[];
        };
        /** @description Wh >= 0 */
        EnergyColumn: (number | null)[];
        /** @description columns of equal length */
        Energy: {
            /** @enum {string} */
            step: "hour" | "day" | "month";
            /** @description start of the step */
            t: number[];
            pv_wh: components["schemas"]["EnergyColumn"];
            house_wh: components["schemas"]["EnergyColumn"];
            import_wh: components["schemas"]["EnergyColumn"];
            export_wh: components["schemas"]["EnergyColumn"];
            charged_wh: components["schemas"]["EnergyColumn"];
            discharged_wh: components["schemas"]["EnergyColumn"];
        };
        ChainLink: {
            /** @enum {string} */
            kind: "request" | "limit" | "result";
            /** @enum {string} */
            rank: "nameplate" | "bms" | "grid_operator" | "fuse" | "peak" | "user" | "strategy";
            /** @description which unit: "self_consumption" */
            source: string;
            /** @description "grid 520 W import, aim 0 W: discharge 520 W more" */
            text: string;
            /** @description lower end of a limit */
            low: number | null;
            /** @description upper end of a limit */
            high: number | null;
            /** @description what was wished or what came out */
            value: number | null;
        };
        Decision: {
            at: number;
            device: string;
            role: string;
            unit: string;
            /** @description null = released */
            value: number | null;
            /** @description end of the lease */
            expires: number;
            /** @enum {string} */
            state: "pending" | "in_force" | "refused" | "unreachable" | "released";
            /** @description what the device says it holds */
            read_back: number | null;
            chain: components["schemas"]["ChainLink"][];
        };
        DecisionList: {
            decisions: components["schemas"]["Decision"][];
        };
        Alarm: {
            /** @description which alarm of the catalogue */
            id: number;
            /** @description which cause of it */
            cause: number;
            name: string;
            /** @enum {string} */
            severity: "critical" | "major" | "minor" | "warning";
            /** @description device or part that raised it */
            source: string;
            raised: number;
            cleared: number | null;
            text: string;
            /** @description what to do */
            suggestion: string;
        };
        AlarmList: {
            alarms: components["schemas"]["Alarm"][];
        };
        /** @enum {string} */
        FeedInMode: "none" | "zero" | "watts" | "percent";
        SelfConsumption: {
            enabled: boolean;
            /** @description grid power aimed at, W; + = import */
            import_target_w: number;
        };
        FeedInLimit: {
            mode: components["schemas"]["FeedInMode"];
            /** @description W (mode watts) or % of installed PV power (mode percent, 0 to 100); without meaning otherwise */
            value: number;
        };
        ControlSettingsChange: {
            self_consumption: components["schemas"]["SelfConsumption"];
            feed_in_limit: components["schemas"]["FeedInLimit"];
        };
        ControlSettings: {
            self_consumption: components["schemas"]["SelfConsumption"];
            feed_in_limit: components["schemas"]["FeedInLimit"];
            /** @description null = still as configured */
            changed_by: string | null;
            changed_at: number | null;
        };
        LiveMessage: components["schemas"]["LiveHello"] | components["schemas"]["LiveUpdate"] | components["schemas"]["LiveDecision"] | components["schemas"]["LiveAlarm"] | components["schemas"]["LivePong"];
        LiveHello: {
            /** @constant */
            type: "hello";
            seq: number;
            at: number;
            points: components["schemas"]["Point"][];
            overview: components["schemas"]["Overview"];
        };
        LiveUpdate: {
            /** @constant */
            type: "update";
            seq: number;
            at: number;
            /** @description only those that changed */
            points: components["schemas"]["PointChange"][];
            overview: components["schemas"]["Overview"];
        };
        /** @description id, value, quality, age in ms */
        PointChange: [
            string,
            number | null,
            components["schemas"]["Quality"],
            number | null,
            string
        ];
        LiveDecision: {
            /** @constant */
            type: "decision";
            decision: components["schemas"]["Decision"];
        };
        LiveAlarm: {
            /** @constant */
            type: "alarm";
            alarm: components["schemas"]["Alarm"];
        };
        LivePong: {
            /** @constant */
            type: "pong";
        };
    };
    responses: {
        /** @description What is wrong and what to do about it. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description The session; its token is in the cookie. */
        SessionOpened: {
            headers: {
                /** @description __Host-busbar=<token>; Secure; HttpOnly; SameSite=Strict; Path=/ */
                "Set-Cookie"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Session"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getDescription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
                };
            };
        };
    };
    getSetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of the first-run setup */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setup"];
                };
            };
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            201: components["responses"]["SessionOpened"];
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    logIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            200: components["responses"]["SessionOpened"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
        };
    };
    logOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Changed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
        };
    };
    listAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accounts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountList"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
        };
    };
    addAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccount"];
            };
        };
        responses: {
            /** @description Added */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    removeAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                limit?: number;
                /** @description only rows older than this instant */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Audit rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Status */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    getOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Overview */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    listDevices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Devices */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceList"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    getDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    listPoints: {
        parameters: {
            query?: {
                /** @description device id; absent = all */
                device?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Points */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointList"];
                };
            };
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    listBuses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Buses */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BusList"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    getHistory: {
        parameters: {
            query: {
                /** @description point id; may repeat up to 8 times */
                series: string[];
                from: number;
                /** @description exclusive */
                to: number;
                /** @description at most this many per series */
                buckets?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One result per series in the order asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listSeries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Series */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesList"];
                };
            };
            401: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getEnergy: {
        parameters: {
            query: {
                from: number;
                /** @description exclusive */
                to: number;
                step: "hour" | "day" | "month";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Energy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Energy"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    exportHistory: {
        parameters: {
            query: {
                /** @description point id; may repeat up to 8 times */
                series: string[];
                from: number;
                /** @description exclusive */
                to: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listDecisions: {
        parameters: {
            query?: {
                limit?: number;
                /** @description only decisions older than this instant */
                before?: number;
                device?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Decisions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
        };
    };
    listAlarms: {
        parameters: {
            query?: {
                /** @description true = only those that still hold */
                active?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alarms */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
        };
    };
    getControlSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Settings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControlSettings"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    putControlSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ControlSettingsChange"];
            };
        };
        responses: {
            /** @description The settings in force */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControlSettings"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    openLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switching to WebSocket */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveMessage"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            426: components["responses"]["Problem"];
        };
    };
}
