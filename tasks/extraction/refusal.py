"""Whether all that an answer says is that there will be none: `I'm sorry, I can't help with that.`

One sentence has to refuse. Whatever else is said has to be an apology, words that name nothing but the question, or an
offer that goes along with a refusal. So `I cannot find an integer solution` is an answer, and so is what holds a digit.
"""
# ruff: noqa: RUF001

import re

from tasks.extraction.vocabulary import any_of

MAX_CHARACTERS = 1000
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f\u061f\u0964\n]+")
_PLAIN = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})
_DO = r"""(?:help|assist|answer|solve|respond|reply|comply|do|provide|fulfil+|complete|engage|give|continue|proceed
    |handle|discuss|generate|create|share|say|tell|(?:figure|work)\ (?:it|this|that)\ out
    |(?:find|determine|figure\ out)\ the\ answer)"""
_REFUSES = re.compile(
    rf"""(?<!\w)(?:
        (?:(?:can['\s]?t|cannot|can\ not|couldn't|could\ not|won't|will\ not|rather\ not|(?:decline|refuse)\ to
          |(?:unable|not\ (?:able|allowed|permitted|programmed|designed))\ to)\ (?:\w+ly\ )?(?:be\ able\ to\ )?{_DO}
        |(?:don't|do\ not|dont)\ (?:\w+ly\ )?know|no\ idea|not\ sure|I\ decline|(?:must|have\ to)\ decline|I\ give\ up
        |rather\ not\ guess|a\ guess\ would\ not\ help|(?:this|that|it)(?:'s|\ is)\ (?:beyond\ me
          |outside\ what\ I\ can\ do|not\ something\ (?:that\ )?I\ can\ (?:work\ out|{_DO})))
      | no\ (?:te\ |le\ |les\ |os\ |lo\ )?(?:puedo|podría|podré|me\ es\ posible|soy\ capaz\ de)\ (?:ayud|asist
        |respond|responder
        |contest|resolv|hacer|cumpl|proporcion)\w* | no\ (?:lo\ )?sé
      | ne\ (?:peux|suis|saurais|pourrai|sais)\ (?:malheureusement\ )?pas(?:\ (?:en\ mesure|capable)\ (?:de\
        |d'))?\ ?(?:vous\ |te\ |t'|y\ |l')?
        (?:aider|répondre|résoudre|assister|fournir) | ne\ sais\ pas | aucune\ idée
      | (?:kann|darf)\ (?:(?:ich|leider|dir|ihnen|euch|dabei|damit|hierbei|das|dies|diese|frage|aufgabe|anfrage
        |problem|es|dieses
        |bei|mit|dieser|diesem|auf)\ )*nicht\ (?:weiter)?(?:helfen|beantworten|antworten|lösen|unterstützen
          |behilflich\ sein)
      | weiß\ (?:ich\ |es\ |das\ |die\ antwort\ |leider\ )*nicht | keine\ ahnung
      | não\ (?:posso|consigo|poderei|sou\ capaz\ de)\ (?:te\ |lhe\ |o\ )?(?:ajud|respond|resolv|fornec|fazer
        |atend)[\w-]* | não\ sei
      | non\ (?:posso|riesco\ a|sono\ in\ grado\ di)\ (?:aiut|rispond|risolv|assist|forni|farlo)\w* | non\ (?:lo\ )?so
      | (?:kan|mag)\ (?:(?:ik|je|u|jou|daar|hier|dat|dit|het|deze|vraag|probleem|op|helaas)\ )*niet\ (?:(?:bij|mee
        |op)\ )?
        (?:helpen|beantwoorden|oplossen|antwoorden) | (?:weet\ (?:ik\ )?(?:het\ )?niet|geen\ idee)
      | не\ (?:могу|смогу|способен|можу|зможу)\ (?:(?:вам|тебе|с|з|этим|цим|в|этом|на|этот|это|вопрос
        |эту)\ )*(?:помочь|помогать|ответить
        |отвечать|решить|выполнить|допомогти|відповісти|розв'язати) | не\ (?:знаю|можу\ знати)
      | nie\ (?:mogę|potrafię|jestem\ w\ stanie|umiem)\ (?:(?:ci|w|na|to|tym|tego)\ )*(?:pomóc|odpowiedzieć|rozwiązać
        |spełnić) | nie\ wiem
      | (?:yardımcı|yardım)\ (?:olam|edem)\w+ | (?:cevap\ verem|cevaplayam|yan\u0131tlayam|çözem)\w+ | bilmiyorum
      | không\ thể\ (?:giúp|trả\ lời|giải|hỗ\ trợ|thực\ hiện) | không\ biết
      | tidak\ (?:dapat|bisa|mampu)\ (?:membantu|menjawab|menyelesaikan|memenuhi)\w* | tidak\ tahu
      | (?:لا\ (?:أستطيع|يمكنني)|لست\ قادر[اًا]+\ على)\ (?:أن\ )?(?:مساعد|المساعدة|الإجابة|أساعد|أجيب|حل|تقديم
        |الرد)\w* | لا\ (?:أعرف|أعلم)
      | نمی\W?توانم\ (?:\w+\ )*?(?:کمک|پاسخ)\w* | نمی\W?دانم
      | (?:मदद|सहायता|उत्तर|जवाब|हल)\ नहीं\ (?:कर|दे)\ सकत[ाी] | नहीं\ (?:जानत[ाी]|पता) )(?!\w)
    | (?:无法|無法|不能|没有办法|没办法|沒辦法|不便)(?:为您|为你|給您|给您|给你|帮您|帮你)?(?:回答|解答|解决|解決
      |帮助|幫助|协助|協助|提供|完成|处理|满足|回应)
    | 不知道|不清楚
    | (?:お手伝い|お答え|回答|対応|解決|支援|お応え|答える|解く)(?:する)?(?:こと)?[はがに]?(?:でき(?:ません|ない
      |かねます)|いたしかねます|しかねます)
    | わかりません|分かりません|知りません
    | (?:드릴|할|풀|도울|줄)\s?수(?:가|는)?\s?없(?:습니다|어요|네요) | 모르겠(?:습니다|어요|네요)|모릅니다""",
    re.VERBOSE | re.IGNORECASE,
)
"""What refuses, in the commonest words of each language."""
_WORDS = """
    i am was i'm have i've so very really truly sorry my apologies apologize apologise sincerely unfortunately
    regrettably afraid regret
    to say but and however as an a ai artificial intelligence large language model assistant trained developed by
    openai
    google meta anthropic alibaba for about that this the inconvenience confusion you your me with on in of it these
    any
    such or either at right here now currently moment time request requests requested question questions problem
    problems
    task puzzle exercise riddle prompt equation homework assignment answer answers solution response content
    information
    help assistance type kind topic subject matter specific particular correct given stated is anything like one
    further
    what how do solve approach simply just hello hi honestly would i'd be able because since
    lo siento mucho lamento disculpa disculpe perdón perdona pero como modelo de lenguaje ia inteligencia que
    lamentablemente desafortunadamente con en eso esto ello esta este esa ese el la tu su pregunta problema solicitud
    petición respuesta tarea cómo yo
    je suis désolé désolée vraiment sincèrement mais malheureusement m'excuse excusez-moi en tant qu'ia modèle
    langage à
    avec pour sur cela ça cette ce la le votre ta demande réponse problème exercice n'ai
    es tut mir leid sehr entschuldigung leider aber als ki sprachmodell ich dabei damit die antwort auf diese dieses
    dieser frage aufgabe anfrage habe das
    sinto muito desculpe desculpa mas infelizmente peço desculpas eu um uma linguagem com isso isto essa este o sua seu
    questão pedido solicitação resposta você
    mi dispiace spiace scusa scusi ma purtroppo però io questo questa ciò tua domanda richiesta risposta ne ho
    het spijt helaas maar ik met bij dit deze vraag probleem verzoek antwoord heb
    извините извини простите к сожалению но прошу прощения мне очень жаль я языковая модель с на в этим этом это этот
    эту
    вам вопрос задачу запрос ответ ответа проблему понятия имею вибачте на жаль але цим це питання з
    przykro przepraszam niestety ale w na z tym pytanie zadania problemu
    üzgünüm özür dilerim maalesef ama ancak bu size sana konuda soruya soruyu isteğe isteğinize
    tôi rất xin lỗi tiếc nhưng là bạn với về câu hỏi này điều đó bài toán vấn đề yêu cầu việc đỡ
    saya mohon minta maaf sayangnya tetapi tapi namun anda dengan dalam hal itu ini pertanyaan soal masalah permintaan
    jawabannya untuk tersebut
    أنا آسف أعتذر عذرا عذرًا معذرة للأسف ولكن لكن لكني لكنني في على عن هذا بهذا هذه ذلك السؤال المسألة المشكلة الطلب
    متأسفم متاسفم ببخشید اما در به این سوال کنم دهم من
    मुझे क्षमा करें माफ़ कीजिए माफ खेद है लेकिन कि मैं इसमें इस आपकी प्रश्न सवाल का में को हूँ हूं
    抱歉 很 非常 真的 对不起 對不起 不好意思 遗憾 遺憾 但 但是 作为 作為 一个 一個 人工智能 语言模型 語言模型 AI
    助手 我 您 你 这个 這個 这道 该 此 这 那 的
    问题 問題 题目 题 请求 請求 要求 任务 答案 帮助 协助 相关 内容 信息 是 什么 怎么 暂时 目前 也 到 了
    申し訳ございません 申し訳ありません 申し訳ないですが 申し訳 すみません ごめんなさい 大変 誠に 恐れ入ります
    残念ながら しかし が その この ご 質問 リクエスト ご要望 依頼 内容 に には について を は
    私は 私 です 答え で こと も
    죄송합니다 죄송하지만 죄송합니다만 죄송해요 미안합니다 미안하지만 유감스럽게도 아쉽게도 하지만 저는 그 해당
    질문에 질문에는 문제를 문제는 요청을 요청은 요청에 그것은 답변을 답변
    답변해 도움을 도움 답을 도와 대답 해결 제공 이 잘
"""
_WORD = re.compile(rf"(?<![^\W\d_])(?:{any_of(_WORDS)})(?![^\W\d_])", re.IGNORECASE)
_UNSPACED = re.compile(
    "|".join(
        sorted((word for word in _WORDS.split() if re.search(r"[\u3040-\u30ff\u3400-\u9fff]", word)), key=len)[::-1]
    )
)
_GOES_ALONG = re.compile(
    r"""(?:please | is\ there | can\ I | could\ you | would\ you | how\ (?:can|may) | what\ (?:can|else) | if\ you
      | let\ me\ know
      | feel\ free | thank | my\ (?:guidelines|programming|purpose) | I\ hope\ you | I\ (?:need|encourage) | I(?:'d
        |\ would)\ be\ (?:happy|glad)
      | (?:it|this|that|(?:the|your)\ (?:request|question|content|topic))\ (?:violates|goes\ against|falls\ outside
        |is\ (?:outside|beyond|against)(?!\ (?:me|what\ I)\b))
      | I(?:'m|\ am)\ (?:here\ to|happy\ to|just|only|designed|programmed|an?\ (?:AI|language|large)) )\b.* """,
    re.VERBOSE | re.IGNORECASE,
)


def refuses(answer: str) -> bool:
    """Whether `answer` declines to answer, and does nothing else."""
    if len(answer) > MAX_CHARACTERS or any(map(str.isdigit, answer)):
        return False
    sentences = [" ".join(part.translate(_PLAIN).split()) for part in _SENTENCE_END.split(answer)]
    found = [_REFUSES.search(sentence) is not None for sentence in sentences]
    return any(found) and all(map(_names_nothing, sentences))


def _names_nothing(sentence: str) -> bool:
    """Whether no word of a sentence is outside those of a refusal."""
    rest = _UNSPACED.sub(" ", _WORD.sub(" ", _REFUSES.sub(" ", sentence)))
    return not any(map(str.isalpha, rest)) or _GOES_ALONG.fullmatch(sentence.strip(" *_#\"'>-")) is not None
